// A column is changed, moved, collapsed and added on the board, and every open board shows it.

import { expect, pair, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";
import type { BoardPage } from "../harness/board.ts";
import type { Locator } from "@playwright/test";

async function menuOf(board: BoardPage, column: string): Promise<Locator> {
  await board.column(column).hover();
  await board.page.getByRole("button", { name: `Change column ${column}`, exact: true }).click();
  const menu = board.page.getByRole("dialog", { name: "Column" });
  await expect(menu).toBeVisible();
  return menu;
}

async function order(board: BoardPage, names: string[]): Promise<void> {
  await expect(board.page.getByTestId("status-column").getByRole("heading")).toHaveText(names);
}

test("name, limit and colour", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One", "Two"], "viewer");
  const menu = await menuOf(annsBoard, "To do");
  await menu.getByLabel("Name").fill("Ideas");
  await menu.getByLabel("Name").press("Enter");
  await expect(bobsBoard.column("Ideas")).toBeVisible();
  await menu.getByLabel("WIP limit").fill("1");
  await menu.getByLabel("WIP limit").press("Enter");
  await expect(bobsBoard.count("Ideas")).toHaveText("2 / 1 cards, over the limit");
  await menu.getByRole("button", { name: "Pink" }).click();
  await expect(menu.getByRole("button", { name: "Pink" })).toHaveAttribute("aria-pressed", "true");
  await expect(bobsBoard.column("Ideas").locator(".column-dot circle")).toHaveAttribute("fill", "#d6409f");
  await expect(bobsBoard.page.getByRole("button", { name: /^Change column/ }), "a viewer has no such menu").toHaveCount(0);
});

test("by keyboard it is moved, and the menu and the focus go with it", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One"]);
  const { page } = annsBoard;
  const button = page.getByRole("button", { name: "Change column To do" });
  await button.focus();
  await page.keyboard.press("Enter");
  const menu = page.getByRole("dialog", { name: "Column" });
  await expect(menu).toBeFocused();
  await expect(button).toHaveAttribute("aria-expanded", "true");
  const right = menu.getByRole("button", { name: "Move right" });
  await right.focus();
  await page.keyboard.press("Enter");
  await order(bobsBoard, ["In progress", "To do", "Done"]);
  await order(annsBoard, ["In progress", "To do", "Done"]);
  await expect(right).toBeFocused();
  await page.keyboard.press("Enter");
  for (const board of [annsBoard, bobsBoard]) await order(board, ["In progress", "Done", "To do"]);
  await expect(right).toHaveAttribute("aria-disabled", "true");
  await expect(menu.getByLabel("Name")).toHaveValue("To do");
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await expect(button).toBeFocused();
  await expect(button).toHaveAttribute("aria-expanded", "false");
});

test("a card is added, a column with cards is kept, an empty one is deleted", async ({ people }) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["One"]);
  const { page } = ann;
  await (await menuOf(annsBoard, "Done")).getByRole("button", { name: "Add card" }).click();
  await page.keyboard.insertText("Finished");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await bobsBoard.shows("Done", ["Finished"]);

  await (await menuOf(annsBoard, "Done")).getByRole("button", { name: "Delete column" }).click();
  await expect(annsBoard.toasts).toContainText("Move this column's cards first, then delete it.");
  await (await menuOf(annsBoard, "In progress")).getByRole("button", { name: "Delete column" }).click();
  for (const board of [annsBoard, bobsBoard]) await order(board, ["To do", "Done"]);
  await expect(page.getByRole("button", { name: "Done", exact: true }), "the focus goes to the next one").toBeFocused();
  expect((await ann.api.board(project)).statuses.map(({ name }) => name)).toEqual(["To do", "Done"]);
});

test("a menu goes with the column that somebody else deletes", async ({ people }) => {
  const { ann, project, annsBoard } = await pair(people, []);
  const menu = await menuOf(annsBoard, "Done");
  const done = (await ann.api.board(project)).statuses.find(({ name }) => name === "Done");
  await ann.api.deleteStatus(project, done?.id ?? "");
  await expect(menu).toBeHidden();
  await order(annsBoard, ["To do", "In progress"]);
});

test("a name is edited in its place: Enter saves, Esc restores, a refused one stays", async ({ people }, info) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One"], "viewer");
  const { page } = annsBoard;
  const handle = page.getByRole("button", { name: "To do", exact: true });
  await handle.click();
  const field = annsBoard.page.getByRole("textbox", { name: "Column name" });
  await expect(field).toBeFocused();
  await page.screenshot({ path: info.outputPath("rename.png") });
  await page.keyboard.type("Ideas");
  await page.keyboard.press("Enter");
  await expect(field).toHaveCount(0);
  for (const board of [annsBoard, bobsBoard]) await order(board, ["Ideas", "In progress", "Done"]);
  await expect(page.getByRole("button", { name: "Ideas", exact: true })).toBeFocused();

  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await page.keyboard.type("Nonsense");
  await page.keyboard.press("Escape");
  await expect(field).toHaveCount(0);
  await order(annsBoard, ["Ideas", "In progress", "Done"]);

  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await page.keyboard.press("Delete");
  await page.keyboard.press("Enter");
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(annsBoard.column("Ideas")).toContainText("This can't be empty.");
  await page.keyboard.type("Left");
  await annsBoard.card("One").focus();
  await order(bobsBoard, ["Left", "In progress", "Done"]);
  await expect(bobsBoard.page.getByRole("button", { name: "Left", exact: true }), "a viewer renames nothing").toHaveCount(0);
});

test("columns are added at the end of the board", async ({ people }, info) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["One"], "viewer");
  const { page } = annsBoard;
  await page.getByTestId("add-column").click();
  const field = page.getByTestId("column-name");
  await expect(field).toBeFocused();
  await page.keyboard.type("Review");
  await page.screenshot({ path: info.outputPath("new-column.png") });
  await page.keyboard.press("Enter");
  await order(bobsBoard, ["To do", "In progress", "Done", "Review"]);
  await expect(field).toHaveValue("");
  await expect(field, "ready for the next").toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator(".new-column")).toContainText("This can't be empty.");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("add-column")).toBeFocused();
  expect((await ann.api.board(project)).statuses.map(({ name }) => name)).toEqual(["To do", "In progress", "Done", "Review"]);
  await expect(bobsBoard.page.getByTestId("add-column")).toHaveCount(0);

  // What was typed and not added is offered again.
  await page.getByTestId("add-column").click();
  await page.keyboard.type("Archi");
  await page.reload();
  await annsBoard.live();
  await page.locator(".new-column").getByRole("button", { name: "Continue" }).click();
  await expect(field).toHaveValue("Archi");
});

test("a column is dragged by its head", async ({ people }, info) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["One"]);
  const { page } = annsBoard;
  await annsBoard.holdColumn("To do", "Done");
  await expect(annsBoard.announcement).toContainText("To do");
  await page.screenshot({ path: info.outputPath("drag-column.png") });
  await page.mouse.up();
  for (const board of [annsBoard, bobsBoard]) await order(board, ["In progress", "Done", "To do"]);
  expect((await ann.api.board(project)).statuses.map(({ name }) => name)).toEqual(["In progress", "Done", "To do"]);
  await expect(page.getByRole("textbox", { name: "Column name" }), "a drop is no click").toHaveCount(0);
  await annsBoard.shows("To do", ["One"]);

  await annsBoard.holdColumn("To do", "In progress");
  await page.keyboard.press("Escape");
  await page.mouse.up();
  for (const board of [annsBoard, bobsBoard]) await order(board, ["In progress", "Done", "To do"]);
});

test("a column is moved by keys, and every step is said", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One"]);
  const { page } = annsBoard;
  const handle = page.getByRole("button", { name: "To do", exact: true });
  await handle.focus();
  await page.keyboard.press("Space");
  await expect(annsBoard.announcement).toHaveText(/Picked up column To do. Position 1 of 3./);
  await page.keyboard.press("ArrowRight");
  await expect(annsBoard.announcement).toHaveText(/Position 2 of 3/);
  await page.keyboard.press("Space");
  for (const board of [annsBoard, bobsBoard]) await order(board, ["In progress", "To do", "Done"]);
  await expect(handle).toBeFocused();
  await page.keyboard.press("Alt+ArrowRight");
  for (const board of [annsBoard, bobsBoard]) await order(board, ["In progress", "Done", "To do"]);
  await expect(handle).toBeFocused();
  await page.keyboard.press("Space");
  await page.keyboard.press("Home");
  await page.keyboard.press("Escape");
  await expect(annsBoard.announcement).toContainText("back where it was");
  for (const board of [annsBoard, bobsBoard]) await order(board, ["In progress", "Done", "To do"]);
});

test("a finger drags a column by its head", async ({ people }) => {
  const ann = await people.register("Ann", { viewport: { width: 1000, height: 800 }, hasTouch: true, isMobile: true });
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  await board.dragColumnByTouch("Done", "To do");
  await order(board, ["Done", "To do", "In progress"]);
  await expect.poll(async () => (await ann.api.board(project)).statuses.map(({ name }) => name)).toEqual(["Done", "To do", "In progress"]);
});

test("a column that cannot be moved goes back, and the page says why", async ({ people }) => {
  const { ann, annsBoard } = await pair(people, ["One"]);
  ann.expects(REFUSED_REQUEST);
  await ann.page.route("**/statuses/*", (route) =>
    route.fulfill({ status: 409, json: { error: { code: "status_not_found", message: "Gone." } } }),
  );
  await ann.page.getByRole("button", { name: "To do", exact: true }).focus();
  await ann.page.keyboard.press("Alt+ArrowRight");
  await expect(annsBoard.toasts).toBeVisible();
  await order(annsBoard, ["To do", "In progress", "Done"]);
});

test("a column is collapsed for its reader only, takes a card, and stays so after a reload", async ({ people }, info) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["One", "Two"]);
  const { page } = annsBoard;
  const done = annsBoard.column("Done");
  await done.hover();
  await page.getByRole("button", { name: "Collapse column Done" }).click();
  const expand = page.getByRole("button", { name: "Expand column Done" });
  await expect(expand).toHaveAttribute("aria-expanded", "false");
  expect((await done.boundingBox())?.width).toBeLessThan(60);
  expect((await bobsBoard.column("Done").boundingBox())?.width).toBeGreaterThan(200);
  await annsBoard.drag("One", { column: "Done" });
  await bobsBoard.shows("Done", ["One"]);
  await expect(annsBoard.count("Done")).toHaveText("1 card");
  await page.screenshot({ path: info.outputPath("collapsed.png") });

  // By keys: the focus goes to what can have it.
  await annsBoard.card("Two").focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(annsBoard.announcement).toHaveText("Done, at the end");
  await page.keyboard.press("Space");
  await bobsBoard.shows("Done", ["One", "Two"]);
  await expect(expand).toBeFocused();

  // Before the page is painted, and so without a jump.
  await page.route("**/*.wasm*", async (route) => {
    expect((await done.boundingBox())?.width).toBeLessThan(60);
    await route.continue();
  });
  await page.reload();
  await annsBoard.live();
  await page.unrouteAll();
  expect((await done.boundingBox())?.width).toBeLessThan(60);
  await done.click();
  expect((await done.boundingBox())?.width).toBeGreaterThan(200);
  await annsBoard.shows("Done", ["One", "Two"]);
  await page.reload();
  await annsBoard.live();
  expect((await done.boundingBox())?.width).toBeGreaterThan(200);
  expect(await ann.api.column(project, "Done")).toEqual(["One", "Two"]);
});

test("an empty board says what to do next", async ({ people }, info) => {
  const { ann, annsBoard, bobsBoard } = await pair(people, []);
  const { page } = ann;
  const note = page.getByTestId("empty-board");
  await expect(note).toContainText("This board is empty");
  await expect(page.getByText("No cards here.")).toHaveCount(0);
  await page.screenshot({ path: info.outputPath("empty.png") });
  await expect(note.getByRole("link", { name: "Invite people" })).toHaveAttribute("href", /settings#members$/);
  await expect(bobsBoard.page.getByTestId("empty-board").getByRole("link"), "an editor invites nobody").toHaveCount(0);
  await note.getByRole("button", { name: "Add a card" }).click();
  await expect(note).toHaveCount(0);
  await page.keyboard.type("First");
  await page.keyboard.press("Enter");
  await annsBoard.shows("To do", ["First"]);
  await page.keyboard.press("Escape");
  await expect(note).toHaveCount(0);
  await expect(bobsBoard.page.getByTestId("empty-board")).toHaveCount(0);
});

test("a card with a priority alone needs no row for it", async ({ people }, info) => {
  const { ann, project, annsBoard } = await pair(people, ["Plain", "Urgent one"]);
  const urgent = (await ann.api.board(project)).tasks.find(({ title }) => title === "Urgent one");
  await ann.api.updateTask(urgent?.id ?? "", { priority: "urgent" });
  await expect(annsBoard.card("Urgent one").getByRole("img", { name: "Urgent" })).toBeVisible();
  const height = async (title: string) => (await annsBoard.card(title).boundingBox())?.height ?? 0;
  expect(Math.abs((await height("Urgent one")) - (await height("Plain")))).toBeLessThanOrEqual(1);
  await ann.page.screenshot({ path: info.outputPath("priority.png") });
  await ann.api.comment(urgent?.id ?? "", "Now");
  await expect(annsBoard.card("Urgent one").locator(".card-facts").getByRole("img", { name: "Urgent" })).toBeVisible();
});
