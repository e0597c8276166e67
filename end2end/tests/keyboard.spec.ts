// The board by keys alone: one tab stop for its cards, and arrows that lead to all of them.

import { expect, hydrated, pair, projectWith, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

/** What has the focus: a card's title, or the name of something else. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const active = document.activeElement;
    const title = active?.querySelector(".card-title")?.textContent;
    return title ?? active?.getAttribute("aria-label") ?? active?.textContent?.trim() ?? "";
  });
}

/** What Tab leads to, from the top of the page to its end. */
async function stops(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    window.getSelection()?.removeAllRanges();
  });
  const names: string[] = [];
  for (let step = 0; step < 150; step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const active = document.activeElement;
      if (active === null || active === document.body) return undefined;
      return active.matches(".slot .card") ? "card" : active.matches(".slot *") ? "card button" : (active.className || active.tagName);
    });
    if (at === undefined) return names;
    names.push(at);
  }
  return names;
}

test("sixty cards are one stop, with its button, and the board is one key away", async ({ people }) => {
  const ann = await people.register("Ann");
  const titles = Array.from({ length: 60 }, (_, index) => `Card ${String(index + 1).padStart(2, "0")}`);
  const project = await projectWith(ann, titles);
  const { page } = ann;
  const board = await ann.open(project);
  const all = await stops(page);
  expect(all.filter((stop) => stop === "card")).toHaveLength(1);
  expect(all.filter((stop) => stop === "card button")).toHaveLength(1);
  expect(all.length).toBeLessThan(30);
  expect(all[0]).toBe("skip-link");

  await page.reload();
  await board.live();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the board" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(board.card("Card 01")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Actions for Card 01", exact: true })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(board.column("To do").getByTestId("add-task")).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await expect(board.card("Card 01")).toBeFocused();

  // A long column scrolls with the keys.
  await page.keyboard.press("End");
  await expect(board.card("Card 60")).toBeFocused();
  await expect(board.card("Card 60")).toBeInViewport();
  await page.keyboard.press("ArrowUp");
  await expect(board.card("Card 59")).toBeFocused();
  await page.keyboard.press("Home");
  await expect(board.card("Card 01")).toBeInViewport();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(board.card("Card 03")).toBeFocused();

  // Tab comes back to where one was.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("ArrowDown");
  await expect(board.card("Card 04"), "from the button, too").toBeFocused();
});

test("arrows lead across columns, over empty ones, and Space still picks a card up", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two", "Three"]);
  const board = await ann.open(project);
  const { page } = ann;
  await board.moveByMenu("Three", "Done");
  await board.card("Two").focus();
  await page.keyboard.press("ArrowRight");
  await expect(board.card("Three")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(board.card("Three"), "there is no further one").toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(board.card("One")).toBeFocused();

  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await board.shows("In progress", ["One"]);
  await expect(board.card("One")).toBeFocused();
  await expect(board.card("One")).toHaveAttribute("tabindex", "0");
  await expect(page.locator(".card[tabindex='0']")).toHaveCount(1);
  await page.keyboard.press("Space");
  await page.keyboard.press("Home");
  await page.keyboard.press("Escape");
  await board.shows("In progress", ["One"]);
  await board.settled();

  // Read from right to left, the arrows still go where they point.
  await page.evaluate(() => void (document.documentElement.dir = "rtl"));
  await page.keyboard.press("ArrowRight");
  await expect(board.card("Two")).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(board.card("One")).toBeFocused();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Space");
  await board.shows("Done", ["One", "Three"]);
});

test("the stop goes to another card when its own is hidden or gone", async ({ people }) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["One", "Two", "Three"]);
  const { page } = ann;
  await annsBoard.card("Two").focus();
  await page.getByRole("link", { name: "Lockstep, all projects" }).focus();
  await bobsBoard.remove("Two");
  await expect(annsBoard.card("Two")).toHaveCount(0);
  await expect(annsBoard.card("One")).toHaveAttribute("tabindex", "0");

  const field = page.getByRole("searchbox", { name: "Filter cards by text" });
  await field.pressSequentially("Three");
  await expect(annsBoard.card("One")).toBeHidden();
  await expect(annsBoard.card("Three")).toHaveAttribute("tabindex", "0");
  await expect(page.locator(".card[tabindex='0']")).toHaveCount(1);
  await field.press("Escape");
  expect(await ann.api.column(project, "To do")).toEqual(["One", "Three"]);
});

test("each page has a way past its header", async ({ people }) => {
  const ann = await people.register("Ann");
  await projectWith(ann, ["One"]);
  const { page } = ann;
  for (const path of ["/", "/account", "/oversight/workload"]) {
    await page.goto(path);
    await hydrated(page);
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("main")).toBeFocused();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest("main") !== null), await focused(page)).toBe(true);
  }
});
