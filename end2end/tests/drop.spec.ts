// While a card is dragged, the others make room where it would land.

import { expect, projectWith, test } from "../harness/test.ts";
import type { BoardPage } from "../harness/board.ts";

interface Seen {
  /** The upper edges of the cards of a column, as they are drawn, from top to bottom. */
  tops: number[];
  /** The upper edge of the gap, or none. */
  gap: number | undefined;
}

/** What a column shows once nothing glides any more: the cards that are not dragged, and the gap. */
async function seen(board: BoardPage, column: string, dragged: string): Promise<Seen> {
  const list = board.column(column).locator(".column-cards");
  return list.evaluate(async (list, dragged) => {
    const settled = () => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
    await settled();
    const slots = [...list.querySelectorAll(".slot")].filter((slot) => !slot.textContent?.includes(dragged));
    const frame = list.getBoundingClientRect();
    const tops = slots.map((slot) => Math.round(slot.getBoundingClientRect().top - frame.top)).toSorted((a, b) => a - b);
    const gap = list.hasAttribute("data-gap") ? Math.round(parseFloat(getComputedStyle(list).getPropertyValue("--gap-top"))) : undefined;
    return { tops, gap };
  }, dragged);
}

/** Waits for a gap, and checks that the cards leave exactly its room: that they are where they will be after the drop. */
async function opensAt(board: BoardPage, column: string, dragged: string, index: number): Promise<void> {
  await expect(async () => {
    const { tops, gap } = await seen(board, column, dragged);
    expect(gap).toBeDefined();
    expect(tops.filter((top) => top < (gap ?? 0)).length, `the gap is at ${gap}, the cards at ${tops}`).toBe(index);
    const all = [...tops, gap ?? 0].toSorted((a, b) => a - b);
    const steps = all.slice(1).map((top, at) => top - (all[at] ?? 0));
    expect(Math.max(...steps, 0) - Math.min(...steps, 1000), `even distances: ${all}`).toBeLessThanOrEqual(1);
  }).toPass({ timeout: 5_000 });
}

test("with the mouse: the gap opens where the card lands, in another column and in its own", async ({ people }, info) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two", "Three"]);
  const { statuses } = await ann.api.board(project);
  for (const title of ["Four", "Five"]) await ann.api.createTask(project, { title, status_id: statuses[1]?.id ?? "" });
  const board = await ann.open(project);

  await board.hold("Two", { column: "In progress", above: "Five" });
  await opensAt(board, "In progress", "Two", 1);
  await ann.page.screenshot({ path: info.outputPath("gap.png") });
  expect((await seen(board, "To do", "Two")).gap, "its own column keeps its place, and shows no gap").toBeUndefined();
  await ann.page.mouse.up();
  await board.shows("In progress", ["Four", "Two", "Five"]);
  await expect(board.page.locator("[data-gap], .slot[style*=translate]")).toHaveCount(0);
  await board.settled();
  expect(await ann.api.column(project, "In progress")).toEqual(["Four", "Two", "Five"]);

  await board.hold("Four", { column: "In progress" });
  await opensAt(board, "In progress", "Four", 2);
  await ann.page.mouse.up();
  await board.shows("In progress", ["Two", "Five", "Four"]);
  await board.hold("Four", { column: "In progress", above: "Two" });
  await opensAt(board, "In progress", "Four", 0);
  await ann.page.keyboard.press("Escape");
  await ann.page.mouse.up();
  await board.shows("In progress", ["Two", "Five", "Four"]);
  await expect(board.page.locator("[data-gap], .slot[style*=translate]")).toHaveCount(0);
});

test("by keys: the card itself is seen in the gap, and keeps the focus", async ({ people }, info) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two", "Three"]);
  const board = await ann.open(project);
  await board.card("One").focus();
  await ann.page.keyboard.press("Space");
  await ann.page.keyboard.press("ArrowDown");
  await opensAt(board, "To do", "One", 1);
  const copy = board.page.locator(".drag-card");
  const list = board.column("To do").locator(".column-cards");
  await expect(async () => {
    const [card, frame] = [await copy.boundingBox(), await list.boundingBox()];
    const { gap } = await seen(board, "To do", "One");
    expect(Math.abs((card?.y ?? 0) - (frame?.y ?? 0) - (gap ?? 0)), "the copy is in the gap").toBeLessThanOrEqual(2);
  }).toPass({ timeout: 5_000 });
  await ann.page.keyboard.press("ArrowRight");
  await opensAt(board, "In progress", "One", 0);
  await ann.page.screenshot({ path: info.outputPath("keys.png") });
  await expect(board.card("One").and(board.page.locator("[data-task-id]"))).toBeFocused();
  await ann.page.keyboard.press("Space");
  await board.shows("In progress", ["One"]);
  await expect(copy).toHaveCount(0);
  await expect(board.card("One")).toBeFocused();
});

test("with a finger, and with less motion nothing glides", async ({ people }) => {
  const ann = await people.register("Ann", { viewport: { width: 1000, height: 800 }, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
  const project = await projectWith(ann, ["One", "Two", "Three"]);
  const board = await ann.open(project);
  // What is seen in each frame while it is dragged.
  await ann.page.evaluate(() => {
    const frames: number[] = [];
    Object.assign(window, { frames });
    const look = () => {
      frames.push(document.getAnimations().filter(({ playState, effect }) => playState === "running" && Number(effect?.getComputedTiming().duration) > 1).length);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await board.dragByTouch("Three", { column: "To do", above: "Two" });
  await board.shows("To do", ["One", "Three", "Two"]);
  expect(await ann.page.evaluate(() => Math.max(...(window as unknown as { frames: number[] }).frames))).toBe(0);
});
