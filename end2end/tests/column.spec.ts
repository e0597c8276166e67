// A column is changed from its head, and every open board shows it.

import { expect, pair, test } from "../harness/test.ts";
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
  await expect(annsBoard.toasts).toContainText("Move the cards of this column elsewhere first.");
  await (await menuOf(annsBoard, "In progress")).getByRole("button", { name: "Delete column" }).click();
  for (const board of [annsBoard, bobsBoard]) await order(board, ["To do", "Done"]);
  await expect(page.getByRole("button", { name: "Change column Done" }), "the focus goes to the next one").toBeFocused();
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
