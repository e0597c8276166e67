// A description is read as comments are, and edited where it stands.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, pair, projectWith, REFUSED_REQUEST, test, type People, type Person } from "../harness/test.ts";
import type { BoardPage, TaskPanel } from "../harness/board.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const LONG = "x".repeat(100);
const TEXT = [
  "## Plan for @Ann",
  "See [the notes](https://example.org/notes) and `make`.",
  "",
  "- [ ] Order bricks",
  "- [x] Call Bob",
  "",
  `| What | ${"Measurements | ".repeat(8)}`,
  `|-|${"-|".repeat(8)}`,
  `| Foundation | ${"Approximately | ".repeat(8)}`,
  "",
  "```",
  `let line = "${LONG}";`,
  "```",
  "",
  `https://example.org/${LONG}`,
].join("\n");

interface Described {
  ann: Person;
  id: string;
  board: BoardPage;
  panel: TaskPanel;
}

async function described(people: People, description: string, options = {}): Promise<Described> {
  const ann = await people.register("Ann", options);
  const project = await projectWith(ann, []);
  const { id } = await ann.api.createTask(project, { title: "Wall", description });
  const board = await ann.open(project);
  return { ann, id, board, panel: await board.openTask("Wall") };
}

for (const [device, options] of [["a desktop", {}], ["a phone", phone]] as const) {
  test(`Markdown is shown as it is meant, and makes nothing wider on ${device}`, async ({ people }) => {
    const { ann, panel } = await described(people, TEXT, options);
    const { described: shown } = panel;
    await expect(shown.getByRole("heading", { name: "Plan for @Ann" })).toBeVisible();
    await expect(shown.locator(".mention")).toHaveText("@Ann");
    await expect(shown.getByRole("checkbox", { name: "Order bricks" })).not.toBeChecked();
    await expect(shown.getByRole("checkbox", { name: "Call Bob" })).toBeChecked();
    await expect(shown.getByRole("cell", { name: "Foundation" })).toBeAttached();
    await expect(shown.locator("pre")).toContainText(LONG);
    const widths = (selector: string) =>
      panel.panel.locator(selector).first().evaluate((element) => [element.scrollWidth, element.clientWidth]);
    for (const selector of [".task-panel", ".task-body", "[data-testid=description]"]) {
      const [content, room] = await widths(selector);
      expect(content, selector).toBeLessThanOrEqual(room ?? 0);
    }
    for (const selector of [".description pre", ".description table"]) {
      const [content, room] = await widths(selector);
      expect(content, `${selector} scrolls by itself`).toBeGreaterThan(room ?? 0);
      await expect(panel.panel.locator(selector)).toHaveAttribute("tabindex", "0");
    }
    const { violations } = await new AxeBuilder({ page: ann.page }).include("dialog").analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
}

test("a box is ticked by a click and by Space, for everybody, and the focus stays on it", async ({ people }) => {
  const { ann, bob, project, annsBoard, bobsBoard } = await pair(people, []);
  const { id } = await ann.api.createTask(project, { title: "Wall", description: TEXT });
  const [anns, bobs] = [await annsBoard.openTask("Wall"), await bobsBoard.openTask("Wall")];
  const box = (panel: TaskPanel, name: string) => panel.described.getByRole("checkbox", { name });
  await box(anns, "Order bricks").click();
  await expect(box(anns, "Order bricks")).toBeChecked();
  await expect(box(bobs, "Order bricks")).toBeChecked();
  await box(anns, "Call Bob").focus();
  await ann.page.keyboard.press("Space");
  await expect(box(bobs, "Call Bob")).not.toBeChecked();
  await annsBoard.settled();
  await expect(box(anns, "Call Bob")).toBeFocused();
  await expect(anns.description, "no field has opened").toHaveCount(0);
  const wanted = TEXT.replace("[ ] Order", "[x] Order").replace("[x] Call", "[ ] Call");
  await expect.poll(async () => (await bob.api.task(id)).description).toBe(wanted);
  // Another one right after: one's own are no conflict.
  await box(bobs, "Order bricks").click();
  await box(bobs, "Call Bob").click();
  await bobsBoard.settled();
  await expect(bobs.panel.getByRole("alert").filter({ hasText: "Yours, not saved" })).toHaveCount(0);
  await expect.poll(async () => (await ann.api.task(id)).description).toBe(TEXT);
  await expect(box(anns, "Order bricks")).not.toBeChecked();
});

test("a box that is ticked in a text which others have changed is a conflict, and nothing is lost", async ({ people }) => {
  const { ann, id, panel } = await described(people, "- [ ] Order bricks");
  ann.expects(REFUSED_REQUEST);
  // Others write, and this page does not hear of it yet.
  await ann.page.route("**/api/tasks/*/description", (route) => route.abort());
  ann.expects(/net::ERR_FAILED/);
  const { version } = await ann.api.task(id);
  await ann.api.updateTask(id, { description: "Bricks are here", version });
  await panel.described.getByRole("checkbox").click();
  await expect(panel.panel.getByText("- [x] Order bricks")).toBeVisible();
  await expect(panel.panel.getByText("Bricks are here")).toBeVisible();
  expect((await ann.api.task(id)).description).toBe("Bricks are here");
  await ann.page.unrouteAll();
  await panel.panel.getByRole("button", { name: "Take theirs" }).click();
  await expect(panel.described).toHaveText("Bricks are here");
});

test("a viewer reads it, and ticks nothing", async ({ people }) => {
  const { ann, bob, project, bobsBoard } = await pair(people, [], "viewer");
  await ann.api.createTask(project, { title: "Wall", description: TEXT });
  const panel = await bobsBoard.openTask("Wall");
  await expect(panel.described.getByRole("checkbox", { name: "Order bricks" })).toBeDisabled();
  await panel.described.getByText("Plan for").click();
  await panel.panel.focus();
  await bob.page.keyboard.press("e");
  await expect(panel.description).toHaveCount(0);
  await expect(panel.panel.getByRole("button", { name: "Edit description" })).toBeHidden();
});

test("the text is edited where it stands, by a click, Enter or E", async ({ people }) => {
  const { ann, id, board, panel } = await described(people, "Before\n\nSee [the notes](/account).");
  const { page } = ann;
  // A link is followed, and a selection is a selection.
  const popup = page.waitForEvent("popup");
  await panel.described.getByRole("link", { name: "the notes" }).click();
  await (await popup).close();
  await panel.described.getByText("Before").dblclick();
  await expect(panel.description).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(panel.description).toHaveCount(0);
  await expect(panel.described).toBeFocused();
  await expect(panel.panel, "Esc has closed the field alone").toBeVisible();

  await page.keyboard.press("Enter");
  await expect(panel.description).toBeFocused();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("Typed ");
  await page.keyboard.press("Control+Enter");
  await expect(panel.described).toContainText("Typed Before");
  await expect(panel.described).toBeFocused();
  await expect(panel.described.getByRole("link", { name: "the notes" })).toBeVisible();

  await page.keyboard.press("Tab");
  await page.keyboard.press("e");
  await expect(panel.description).toBeFocused();
  await page.keyboard.press("End");
  await page.keyboard.type("e");
  await panel.panel.getByLabel("Priority", { exact: true }).focus();
  await expect(panel.description, "left, and so saved").toHaveCount(0);
  await board.settled();
  expect((await ann.api.task(id)).description).toBe("Typed Before\n\nSee [the notes](/account).e");

  // Modified keys are other keys.
  await panel.panel.focus();
  for (const key of ["Control+e", "Alt+e", "Shift+E"]) await page.keyboard.press(key);
  await expect(panel.description).toHaveCount(0);
});

test("a press that leaves the field still does what it was meant for", async ({ people }) => {
  const { ann, panel, board, id } = await described(people, "Short");
  await (await panel.editDescription()).fill("One\n\nTwo\n\nThree");
  // The field is higher than the text: what lies below it moves when it closes.
  await panel.panel.getByRole("button", { name: /^(Watch|Watching)/ }).click({ delay: 60 });
  await expect(panel.described).toContainText("Three");
  await expect(panel.panel.getByRole("button", { name: /^(Watch|Watching)/ })).toHaveAttribute("aria-pressed", "false");
  await board.settled();
  expect((await ann.api.task(id)).description).toBe("One\n\nTwo\n\nThree");
});

test("Cancel on a phone gives the text back, and keeps what was typed as a draft", async ({ people }) => {
  const { ann, panel, id } = await described(people, "Before", phone);
  await panel.described.tap();
  await expect(panel.description).toBeFocused();
  await panel.description.pressSequentially(" and after");
  await panel.panel.getByRole("button", { name: "Cancel" }).tap();
  await expect(panel.described).toHaveText("Before");
  await panel.panel.getByTestId("draft").getByRole("button", { name: "Continue" }).tap();
  await expect(panel.description).toHaveValue("Before and after");
  await panel.panel.getByRole("button", { name: "Save" }).tap();
  await expect(panel.described).toHaveText("Before and after");
  await expect.poll(async () => (await ann.api.task(id)).description).toBe("Before and after");
});

/** Presses at the beginning of a word of the rendered text, as a mouse does. */
async function pressWord(panel: TaskPanel, word: string): Promise<void> {
  const at = await panel.described.evaluate((shown, word) => {
    const walker = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const from = node.textContent?.indexOf(word) ?? -1;
      if (from < 0) continue;
      node.parentElement?.scrollIntoView({ block: "center" });
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, from + 1);
      const { left, top, height } = range.getBoundingClientRect();
      return { x: left + 1, y: top + height / 2 };
    }
    throw new Error(`${word} is not shown`);
  }, word);
  await panel.page.mouse.click(at.x, at.y);
  await expect(panel.description).toBeFocused();
}

test("the caret is where the text was pressed, and by keys at its end", async ({ people }) => {
  const lines = Array.from({ length: 60 }, (_, line) => `- Step ${line}: carry brick${line} over`);
  const text = ["## Plan", "", "See [the notes](https://example.org/and/more) and **build** the wall.", "", ...lines].join("\n");
  const { panel } = await described(people, text);
  const { page } = panel;
  for (const word of ["build", "wall", "brick7", "brick55", "Plan", "and"]) {
    await pressWord(panel, word);
    await page.keyboard.type("|");
    // Before its markup, which belongs to the word.
    const at = text.indexOf({ and: "and **", build: "**build" }[word] ?? word);
    await expect(panel.description, word).toHaveValue(`${text.slice(0, at)}|${text.slice(at)}`);
    const seen = await panel.description.evaluate((area: HTMLTextAreaElement) => {
      const line = area.value.slice(0, area.selectionStart).split("\n").length / area.value.split("\n").length;
      return [line * area.scrollHeight, area.scrollTop, area.scrollTop + area.clientHeight];
    });
    expect(seen[0], `${word} is in sight`).toBeGreaterThan((seen[1] ?? 0) - 40);
    expect(seen[0], `${word} is in sight`).toBeLessThan((seen[2] ?? 0) + 40);
    await page.keyboard.press("Escape");
    await expect(panel.described).toBeVisible();
  }
  await panel.described.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.type("|");
  await expect(panel.description).toHaveValue(`${text}|`);
  await page.keyboard.press("Escape");
});
