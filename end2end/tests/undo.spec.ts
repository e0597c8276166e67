// What was removed can be taken back: in the toast, by Ctrl+Z, and by one press of Tab.

import { expect, hydrated, LOST_CONNECTION, pair, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";
import type { BoardPage } from "../harness/board.ts";

const undoOf = (board: BoardPage) => board.toasts.getByRole("button", { name: "Undo" });

test("Ctrl+Z brings a deleted card back, one after the other, and leads to it", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One", "Two", "Three"]);
  const { page } = annsBoard;
  await annsBoard.card("One").focus();
  await page.keyboard.press("Delete");
  await expect(annsBoard.card("Two"), "the next one has the focus").toBeFocused();
  await page.keyboard.press("Delete");
  await expect(annsBoard.card("Three")).toBeFocused();
  await bobsBoard.shows("To do", ["Three"]);
  await page.keyboard.press("Control+z");
  await expect(annsBoard.card("Two")).toBeFocused();
  await page.keyboard.press("Meta+z");
  await expect(annsBoard.card("One")).toBeFocused();
  for (const board of [annsBoard, bobsBoard]) await board.shows("To do", ["One", "Two", "Three"]);
  await expect(annsBoard.toasts).toHaveCount(0);
});

test("in a field, Ctrl+Z is the field's own", async ({ people }) => {
  const { annsBoard } = await pair(people, ["One", "Two"]);
  const { page } = annsBoard;
  await annsBoard.remove("One");
  await annsBoard.column("Done").getByTestId("add-task").click();
  await page.keyboard.type("Typed");
  await page.keyboard.press("Control+z");
  await annsBoard.shows("To do", ["Two"]);
  await expect(undoOf(annsBoard)).toBeVisible();
});

test("one press of Tab leads to Undo, and Tab goes on from where it was", async ({ people }) => {
  const { annsBoard } = await pair(people, ["One", "Two", "Three"]);
  const { page } = annsBoard;
  await annsBoard.card("One").focus();
  await page.keyboard.press("Delete");
  await expect(annsBoard.card("Two")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(undoOf(annsBoard)).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(annsBoard.card("Two")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(undoOf(annsBoard), "once").not.toBeFocused();
  await undoOf(annsBoard).focus();
  await page.keyboard.press("Enter");
  await expect(annsBoard.card("One")).toBeFocused();
  await annsBoard.shows("To do", ["One", "Two", "Three"]);
});

test("an Undo stays for twenty seconds", async ({ people }) => {
  const ann = await people.register("Ann");
  await ann.page.clock.install();
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  await board.remove("One");
  await board.settled();
  await ann.page.mouse.move(700, 10);
  await ann.page.clock.runFor(18_000);
  await expect(undoOf(board)).toBeVisible();
  await ann.page.clock.runFor(3_000);
  await expect(board.toasts).toHaveCount(0);
});

test("a deleted comment comes back with its words, for all, and by Ctrl+Z", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One"]);
  const anns = await annsBoard.openTask("One");
  const bobs = await bobsBoard.openTask("One");
  for (const text of ["First **words**", "Second"]) {
    await anns.comment(text);
    await expect(bobs.comments.filter({ hasText: text.replaceAll("*", "") })).toBeVisible();
  }
  await anns.comments.first().hover();
  await anns.comments.first().getByRole("button", { name: "Delete comment" }).click();
  await expect(bobs.comments).toHaveText([/Second/]);
  await anns.page.keyboard.press("Control+z");
  for (const panel of [anns, bobs]) {
    await expect(panel.comments).toHaveText([/First words/, /Second/]);
    await expect(panel.comments.first().locator("strong")).toHaveText("words");
  }
});

test("a comment is deleted and put back without a connection", async ({ people }) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["One"]);
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const anns = await annsBoard.openTask("One");
  await anns.comment("Words");
  await expect(anns.comments).toHaveText([/Words/]);
  await annsBoard.settled();
  await ann.context.setOffline(true);
  await anns.comments.first().hover();
  await anns.comments.first().getByRole("button", { name: "Delete comment" }).click();
  await expect(anns.comments).toHaveCount(0);
  await undoOf(annsBoard).click();
  await expect(anns.comments).toHaveText([/Words/]);
  await ann.context.setOffline(false);
  await annsBoard.live();
  const [task] = (await ann.api.board(project)).tasks;
  expect((await ann.api.thread(task?.id ?? "")).map(({ body }) => body)).toEqual(["Words"]);
  await expect(anns.comments).toHaveText([/Words/]);
  await expect((await bobsBoard.openTask("One")).comments).toHaveText([/Words/]);
});

test("a deleted column comes back in its place, from the board and from the settings", async ({ people }) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["One"]);
  const { page } = ann;
  const heads = bobsBoard.page.getByTestId("status-column").getByRole("heading");
  await page.getByRole("button", { name: "Change column In progress" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Column" }).getByRole("button", { name: "Delete column" }).click();
  await expect(heads).toHaveText(["To do", "Done"]);
  await undoOf(annsBoard).click();
  await expect(heads).toHaveText(["To do", "In progress", "Done"]);

  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  await page.getByRole("region", { name: "Columns" }).getByRole("button", { name: "Delete Done" }).press("Enter");
  await expect(heads).toHaveText(["To do", "In progress"]);
  expect(await page.evaluate(() => document.activeElement?.tagName), "the focus is not lost").not.toBe("BODY");
  // The others may know before the answer is here.
  await expect(page.getByTestId("toast").getByRole("button", { name: "Undo" })).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(heads).toHaveText(["To do", "In progress", "Done"]);
});

test("a removed member is back with their role and their cards", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  bob.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["His"], [[bob, "editor"]]);
  const [his] = (await ann.api.board(project)).tasks;
  await ann.api.assign(his?.id ?? "", bob.user);
  const { page } = ann;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  const row = page.getByRole("region", { name: "Members" }).getByRole("listitem").filter({ hasText: bob.user.email });
  await row.getByRole("button", { name: "Remove Bob" }).press("Enter");
  await expect(row).toHaveCount(0);
  await expect(page.getByTestId("toast")).toContainText("Removed Bob");
  await page.getByTestId("toast").getByRole("button", { name: "Undo" }).click();
  await expect(row.getByLabel("Role")).toHaveValue("editor");
  const board = await bob.open(project);
  await expect(board.card("His").getByLabel("Bob", { exact: true })).toBeVisible();
});

test("who leaves by mistake comes back, and others cannot take them in", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "viewer"]]);
  bob.expects(REFUSED_REQUEST);
  const { page } = bob;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  await page.getByRole("button", { name: "Leave the project" }).click();
  await expect(page.getByTestId("toast")).toContainText(`You left “${project.name}”`);
  await expect(page.getByRole("heading", { level: 1, name: "Projects" })).toBeVisible();
  const path = `/api/projects/${project.id}/members/${bob.user.id}/restore`;
  expect((await ann.context.request.post(path)).status(), "an owner cannot undo it for them").toBe(403);
  await page.keyboard.press("Control+z");
  await expect(page.getByRole("heading", { level: 1, name: "Project settings" })).toBeVisible();
  await expect((await bob.open(project)).card("One")).toBeVisible();
});

test("an Undo that comes too late says so", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const panel = await (await ann.open(project)).openTask("One");
  await panel.comment("Words");
  await expect(panel.comments).toHaveText([/Words/]);
  await ann.page.route("**/api/comments/*/restore", (route) =>
    route.fulfill({ status: 410, json: { error: { code: "undo_expired", message: "late", field: null } } }),
  );
  await panel.comments.hover();
  await panel.comments.getByRole("button", { name: "Delete comment" }).click();
  await ann.page.getByTestId("toast").getByRole("button", { name: "Undo" }).click();
  await expect(ann.page.getByTestId("toast")).toContainText("The comment was not restored. It's too late to undo this.");
  await expect(panel.comments).toHaveCount(0);
});
