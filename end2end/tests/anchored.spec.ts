// Menus and dialogs belong to their card: they follow it where others move it, and close with a word when it is gone.

import { expect, type Locator } from "@playwright/test";
import { pair, projectWith, test } from "../harness/test.ts";
import type { BoardPage } from "../harness/board.ts";

/** How far the top of a menu is from the button of a card, and how far its left edge. */
async function distance(board: BoardPage, title: string, menu: Locator): Promise<{ x: number; y: number }> {
  const button = await board.page.getByRole("button", { name: `Actions for ${title}`, exact: true }).boundingBox();
  const box = await menu.boundingBox();
  if (button === null || box === null) return { x: 9_999, y: 9_999 };
  return { x: Math.abs(box.x - button.x), y: Math.min(Math.abs(box.y - button.y - button.height), Math.abs(box.y + box.height - button.y)) };
}

async function besides(board: BoardPage, title: string, menu: Locator): Promise<void> {
  await expect.poll(async () => (await distance(board, title, menu)).y).toBeLessThan(8);
}

test("the menu of a card goes with it when others move cards, and Delete deletes that card", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One", "Two", "Three", "Four"]);
  const menu = await annsBoard.actions("One");
  await besides(annsBoard, "One", menu);
  for (const title of ["Three", "Four"]) {
    await bobsBoard.drag(title, { column: "To do", above: "One" });
    await bobsBoard.settled();
  }
  await annsBoard.shows("To do", ["Three", "Four", "One", "Two"]);
  await besides(annsBoard, "One", menu);
  await menu.getByRole("menuitem", { name: "Delete" }).click();
  await bobsBoard.shows("To do", ["Three", "Four", "Two"]);
});

test("it goes along to another column, and the focus comes back to the card there", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One", "Two"]);
  const { page } = annsBoard;
  const menu = await annsBoard.actions("One");
  await bobsBoard.drag("One", { column: "In progress" });
  await annsBoard.shows("In progress", ["One"]);
  await besides(annsBoard, "One", menu);
  await expect.poll(async () => (await distance(annsBoard, "One", menu)).x).toBeLessThan(60);
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await expect(page.getByRole("button", { name: "Actions for One" })).toBeFocused();
});

test("it follows where its column scrolls and where the window changes its size", async ({ people }) => {
  const ann = await people.register("Ann");
  const titles = Array.from({ length: 30 }, (_, n) => `Card ${String(n + 1).padStart(2, "0")}`);
  const board = await ann.open(await projectWith(ann, titles));
  const menu = await board.actions("Card 04");
  const top = (await menu.boundingBox())?.y ?? 0;
  await board.card("Card 08").hover({ force: true });
  await ann.page.mouse.wheel(0, 60);
  await expect.poll(async () => (await menu.boundingBox())?.y).not.toBe(top);
  await besides(board, "Card 04", menu);
  await ann.page.setViewportSize({ width: 700, height: 500 });
  await besides(board, "Card 04", menu);
});

test("a menu and a dialog close when others delete their card, say who did it, and lead to the next one", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One", "Two", "Three", "Four"]);
  const { page } = annsBoard;
  const menu = await annsBoard.actions("One");
  await bobsBoard.remove("One");
  await expect(menu).toBeHidden();
  await expect(annsBoard.toasts).toContainText("“One” was deleted by Bob.");
  await expect(annsBoard.card("Two")).toBeFocused();

  await page.keyboard.press("m");
  const dialog = page.getByRole("dialog", { name: "Move" });
  await expect(dialog).toBeVisible();
  await bobsBoard.remove("Two");
  await expect(dialog).toBeHidden();
  await expect(annsBoard.toasts.filter({ hasText: "“Two” was deleted by Bob." })).toBeVisible();
  await expect(annsBoard.card("Three")).toBeFocused();

  // By keys, where it is only the place of the reader.
  await bobsBoard.remove("Three");
  await expect(annsBoard.card("Four")).toBeFocused();
  await expect(annsBoard.toasts.filter({ hasText: "“Three” was deleted by Bob." })).toBeVisible();
});

test("a carried card that others delete is said to be gone, and by whom", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["Mine", "Theirs"]);
  await annsBoard.hold("Mine", { column: "Done" });
  await bobsBoard.remove("Mine");
  await expect(annsBoard.toasts).toContainText("“Mine” was deleted by Bob.");
  await expect(annsBoard.announcement).toContainText("Nothing was moved");
  await annsBoard.page.mouse.up();

  await annsBoard.card("Theirs").focus();
  await annsBoard.page.keyboard.press("Space");
  await expect(annsBoard.announcement).toContainText("Picked up");
  await bobsBoard.remove("Theirs");
  await expect(annsBoard.toasts.filter({ hasText: "“Theirs” was deleted by Bob." })).toBeVisible();
  expect(await annsBoard.page.evaluate(() => document.activeElement?.tagName)).not.toBe("BODY");
});

test("an open card that others delete keeps what was typed, says who, and closing leads to the next card", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One", "Two"]);
  const { page } = annsBoard;
  const { panel } = await annsBoard.openTask("One");
  const title = panel.getByRole("textbox", { name: "Title" });
  await title.click();
  await page.keyboard.press("End");
  await page.keyboard.type(" and more");
  await bobsBoard.remove("One");
  await expect(annsBoard.toasts).toContainText("“One” was deleted by Bob.");
  await expect(panel.getByRole("heading")).toHaveText(["This card doesn't exist or was deleted", "You typed this, and it wasn't saved"]);
  await expect(panel.getByTestId("left-behind")).toContainText("One and more");
  await expect(panel).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(annsBoard.card("Two")).toBeFocused();
});

test("a wrong link says one thing", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(/status of 404/);
  const project = await projectWith(ann, ["One"]);
  await ann.page.goto(`/projects/${project.id}?task=0192f000-0002-7000-8000-00000000dead`);
  const panel = ann.page.getByRole("dialog");
  await expect(panel.getByRole("heading")).toHaveText(["This card doesn't exist or was deleted"]);
  await expect(panel.getByRole("alert")).toHaveCount(0);
  await expect(panel.locator("p:visible")).toHaveCount(0);
});

test("Enter moves at once in “Move to…”", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One", "Two"]);
  const { page } = annsBoard;
  await annsBoard.card("One").focus();
  await page.keyboard.press("m");
  const column = page.getByRole("dialog", { name: "Move" }).getByLabel("Column");
  await expect(column).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Move" })).toBeHidden();
  await expect(annsBoard.card("One")).toBeFocused();
  await bobsBoard.shows("In progress", ["One"]);
});
