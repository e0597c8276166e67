// What is done to columns and members shows at once; where the server refuses it, it is taken back, with the reason.

import { expect, hydrated, LOST_CONNECTION, pair, projectWith, REFUSED_REQUEST, test, type Person } from "../harness/test.ts";
import type { BoardPage } from "../harness/board.ts";
import type { Project } from "../harness/api.ts";
import { Gate } from "../harness/gate.ts";
import type { Locator, Page } from "@playwright/test";

const REFUSAL = { status: 403, json: { error: { code: "forbidden", message: "no", field: null } } };

/** Holds the requests to an address up until the gate opens, which passes them on, or refuses them. */
async function hold(page: Page, address: string, method: string, refused = false): Promise<Gate> {
  const gate = new Gate();
  await page.route(address, async (route) => {
    if (route.request().method() !== method) return route.continue();
    await gate.opened;
    await (refused ? route.fulfill(REFUSAL) : route.continue());
  });
  return gate;
}

function heads(board: BoardPage): Locator {
  return board.page.getByTestId("status-column").getByRole("heading");
}

async function deleteColumn(board: BoardPage, name: string): Promise<void> {
  const { page } = board;
  await page.getByRole("button", { name: `Change column ${name}` }).focus();
  await page.keyboard.press("Enter");
  const button = page.getByRole("dialog", { name: "Column" }).getByRole("button", { name: "Delete column" });
  await button.focus();
  await page.keyboard.press("Enter");
}

async function settings(person: Person, project: Project): Promise<{ page: Page; row(of: Person): Locator; toast: Locator }> {
  const { page } = person;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
  const members = page.getByRole("region", { name: "Members" });
  return { page, row: (of) => members.getByRole("listitem").filter({ hasText: of.user.email }), toast: page.getByTestId("toast") };
}

test("a deleted column is gone before the server answers, and back with the reason where it refuses", async ({ people }) => {
  const { ann, annsBoard, bobsBoard } = await pair(people, ["One"]);
  ann.expects(REFUSED_REQUEST);
  const held = await hold(ann.page, "**/statuses/*", "DELETE", true);
  await deleteColumn(annsBoard, "In progress");
  await expect(heads(annsBoard)).toHaveText(["To do", "Done"]);
  await expect(annsBoard.connection).toHaveAttribute("data-pending", "1");
  await expect(heads(bobsBoard)).toHaveText(["To do", "In progress", "Done"]);
  await expect(annsBoard.toasts.getByRole("button", { name: "Undo" })).toBeVisible();
  expect(await ann.page.evaluate(() => document.activeElement?.tagName), "the focus is not lost").not.toBe("BODY");
  held.open();
  await expect(heads(annsBoard)).toHaveText(["To do", "In progress", "Done"]);
  await expect(annsBoard.toasts).toHaveText(/The column “In progress” was not deleted. Your role in this project doesn't allow that./);
  await expect(annsBoard.toasts.getByRole("button", { name: "Undo" }), "there is nothing to take back").toHaveCount(0);
});

test("the last card is moved away and its column deleted in one go, however slow the server is", async ({ people }) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["One"]);
  const held = await hold(ann.page, "**/api/tasks/*/status", "PATCH");
  await annsBoard.drag("One", { column: "Done" });
  await deleteColumn(annsBoard, "To do");
  await expect(heads(annsBoard)).toHaveText(["In progress", "Done"]);
  held.open();
  await expect(heads(bobsBoard)).toHaveText(["In progress", "Done"]);
  await bobsBoard.shows("Done", ["One"]);
  await annsBoard.settled();
  expect((await ann.api.board(project)).statuses).toHaveLength(2);
  await ann.page.keyboard.press("Control+z");
  await expect(heads(bobsBoard)).toHaveText(["To do", "In progress", "Done"]);
});

test("a column that somebody else fills meanwhile is back, and nothing is lost", async ({ people }) => {
  const { ann, bob, project, annsBoard } = await pair(people, ["One"]);
  ann.expects(REFUSED_REQUEST);
  const held = await hold(ann.page, "**/statuses/*", "DELETE");
  await deleteColumn(annsBoard, "Done");
  await expect(heads(annsBoard)).toHaveText(["To do", "In progress"]);
  const { statuses } = await bob.api.board(project);
  await bob.api.createTask(project, { title: "Late", status_id: statuses[2]?.id ?? "" });
  await annsBoard.shows("Done", ["Late"]);
  held.open();
  await expect(annsBoard.toasts.filter({ hasText: "was not deleted" })).toContainText("Move this column's cards first");
  await annsBoard.shows("Done", ["Late"]);
});

test("columns are deleted and put back without a connection", async ({ people }) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["One"]);
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  await ann.context.setOffline(true);
  await deleteColumn(annsBoard, "In progress");
  await deleteColumn(annsBoard, "Done");
  await expect(heads(annsBoard)).toHaveText(["To do"]);
  await expect(annsBoard.connection).toHaveText("Offline · 2 changes waiting · Retry");
  await ann.page.keyboard.press("Control+z");
  await expect(heads(annsBoard)).toHaveText(["To do", "Done"]);
  await ann.context.setOffline(false);
  await annsBoard.live();
  for (const board of [annsBoard, bobsBoard]) await expect(heads(board)).toHaveText(["To do", "Done"]);
  await deleteColumn(annsBoard, "Done");
  await expect(heads(bobsBoard)).toHaveText(["To do"]);
  // The last one stays, and says why.
  const [task] = (await ann.api.board(project)).tasks;
  await ann.api.deleteTask(task?.id ?? "");
  await annsBoard.shows("To do", []);
  await deleteColumn(annsBoard, "To do");
  await expect(annsBoard.toasts.filter({ hasText: "A board needs at least one column." })).toBeVisible();
  await expect(heads(annsBoard)).toHaveText(["To do"]);
});

test("a card is put back that was deleted before its column", async ({ people }) => {
  const { ann, annsBoard, bobsBoard } = await pair(people, ["One"]);
  await annsBoard.card("One").focus();
  await ann.page.keyboard.press("Delete");
  await deleteColumn(annsBoard, "To do");
  await expect(heads(bobsBoard)).toHaveText(["In progress", "Done"]);
  const undo = annsBoard.toasts.filter({ hasText: "Deleted “One”" }).getByRole("button", { name: "Undo" });
  await undo.focus();
  await ann.page.keyboard.press("Enter");
  // Its column is gone: it stands in the first one.
  for (const board of [annsBoard, bobsBoard]) await board.shows("In progress", ["One"]);
  await ann.page.keyboard.press("Control+z");
  for (const board of [annsBoard, bobsBoard]) await expect(heads(board)).toHaveText(["To do", "In progress", "Done"]);
});

test("a removed member is gone at once, and back with the reason", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const { page, row, toast } = await settings(ann, project);
  const held = await hold(page, "**/members/*", "DELETE", true);
  await row(bob).getByRole("button", { name: "Remove Bob" }).press("Enter");
  await expect(row(bob)).toHaveCount(0);
  await expect(toast).toContainText("Removed Bob");
  expect(await page.evaluate(() => document.activeElement?.tagName), "the focus is not lost").not.toBe("BODY");
  held.open();
  await expect(row(bob)).toBeVisible();
  await expect(toast).toHaveText(/Bob was not removed. Your role in this project doesn't allow that./);
});

test("an undo that is faster than the server comes after the removal", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  bob.expects(REFUSED_REQUEST);
  const { page, row } = await settings(ann, project);
  const held = await hold(page, "**/members/*", "DELETE");
  await row(bob).getByRole("button", { name: "Remove Bob" }).press("Enter");
  await page.keyboard.press("Control+z");
  await expect(row(bob).getByLabel("Role")).toHaveValue("editor");
  held.open();
  await expect(page.getByTestId("connection")).toHaveAttribute("data-pending", "0");
  await expect(row(bob).getByLabel("Role")).toHaveValue("editor");
  expect((await ann.api.board(project)).members.map(({ name }) => name)).toEqual(["Ann", "Bob"]);
  // So it does from another page, to which the removal is not sent yet.
  const again = await hold(page, "**/members/*", "DELETE");
  await row(bob).getByRole("button", { name: "Remove Bob" }).press("Enter");
  await page.getByRole("link", { name: "Lockstep, all projects" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Projects" })).toBeVisible();
  await page.keyboard.press("Control+z");
  again.open();
  const events = page.waitForResponse((answer) => answer.url().endsWith("/restore"));
  expect((await events).status()).toBe(200);
  expect((await ann.api.board(project)).members.map(({ name }) => name)).toEqual(["Ann", "Bob"]);
});

test("a role is another at once, and the old one where the server refuses; the last owner stays", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const { page, row, toast } = await settings(ann, project);
  const held = await hold(page, "**/members/*", "PATCH", true);
  await row(bob).getByLabel("Role").selectOption("viewer");
  await expect(row(bob).getByLabel("Role")).toHaveValue("viewer");
  await expect(page.getByTestId("connection")).toHaveAttribute("data-pending", "1");
  held.open();
  await expect(row(bob).getByLabel("Role")).toHaveValue("editor");
  await expect(toast).toHaveText(/The role of Bob was not changed. Your role in this project doesn't allow that./);
  await page.unroute("**/members/*");

  await row(ann).getByLabel("Role").selectOption("viewer");
  await expect(toast.filter({ hasText: "The role of Ann was not changed. A project needs an owner." })).toBeVisible();
  await expect(row(ann).getByLabel("Role")).toHaveValue("owner");
  await page.getByRole("button", { name: "Leave the project" }).press("Enter");
  await expect(toast.filter({ hasText: "A project needs an owner." }).last()).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Project settings" })).toBeVisible();

  // With another owner it goes, and the page is what a viewer sees.
  await ann.api.setRole(project, bob.user, "owner");
  await expect(row(bob).getByLabel("Role")).toHaveValue("owner");
  await row(ann).getByLabel("Role").selectOption("viewer");
  await expect(page.getByText("You have view-only access. Ask an owner to change anything here.")).toBeVisible();
  await expect(page.getByTestId("connection")).toHaveAttribute("data-pending", "0");
  await expect(page.getByText("You have view-only access. Ask an owner to change anything here.")).toBeVisible();
});

test("who leaves is led away at once, and stays in where the server refuses", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  bob.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const other = await projectWith(bob, []);
  const { page, toast } = await settings(bob, project);
  const held = await hold(page, "**/members/*", "DELETE", true);
  await page.getByRole("button", { name: "Leave the project" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Projects" })).toBeVisible();
  await expect(toast).toContainText(`You left “${project.name}”`);
  await expect(page.getByRole("link", { name: new RegExp(other.name) })).toBeVisible();
  await expect(page.getByRole("link", { name: new RegExp(project.name) })).toHaveCount(0);
  held.open();
  await expect(toast).toHaveText(new RegExp(`You didn't leave “${project.name}”. Your role in this project doesn't allow that.`));
  await expect(page.getByRole("link", { name: new RegExp(project.name) })).toBeVisible();
});

test("who regrets before the server has answered is back in", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  bob.expects(REFUSED_REQUEST);
  const { page } = await settings(bob, project);
  const held = await hold(page, "**/members/*", "DELETE");
  await page.getByRole("button", { name: "Leave the project" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Projects" })).toBeVisible();
  await page.keyboard.press("Control+z");
  held.open();
  await expect(page.getByRole("heading", { level: 1, name: "Project settings" })).toBeVisible();
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
  expect((await ann.api.board(project)).members.map(({ name }) => name)).toEqual(["Ann", "Bob"]);
  // And when they leave for good, no list has it.
  await page.getByRole("button", { name: "Leave the project" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Projects" })).toBeVisible();
  await expect(page.getByRole("link", { name: new RegExp(project.name) })).toHaveCount(0);
  await page.reload();
  await expect(page.getByText("Create your first project.")).toBeVisible();
});

test("who is removed while in the settings is told so there", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  bob.expects(REFUSED_REQUEST);
  const { page } = await settings(bob, project);
  await ann.api.removeMember(project, bob.user);
  await expect(page.getByText("You're no longer a member of this project.")).toBeVisible();
});

test("a member who is put back finds their notifications again", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["Ship it"], [[bob, "editor"]]);
  const [task] = (await ann.api.board(project)).tasks;
  await ann.api.assign(task?.id ?? "", bob.user);
  await bob.page.goto("/");
  await hydrated(bob.page);
  const bell = bob.page.getByTestId("bell");
  await expect(bell).toHaveAttribute("data-unread", "1");
  const { page, row } = await settings(ann, project);
  await row(bob).getByRole("button", { name: "Remove Bob" }).press("Enter");
  await expect(bell).toHaveAttribute("data-unread", "0");
  await page.keyboard.press("Control+z");
  await expect(bell).toHaveAttribute("data-unread", "1");
  await bell.press("Enter");
  await expect(bob.page.getByTestId("notification")).toContainText("Ship it");
});
