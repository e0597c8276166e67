// Fields hold what is typed, save it once, and keep the keys of an input method.

import { expect, Key, projectWith, test, type Visitor } from "../harness/webdriver/test.ts";
import type { Part } from "../harness/webdriver/part.ts";

async function open(ann: Visitor): Promise<{ id: string; panel: Part }> {
  const project = await projectWith(ann, []);
  const { id } = await ann.api.createTask(project, { title: "Fix the roof" });
  return { id, panel: await (await ann.open(project)).openCard("Fix the roof") };
}

test("a number with a comma or a point is saved on Enter and on leaving, and a refused one stays", async ({ ann }) => {
  const { id, panel } = await open(ann);
  const hours = panel.part("#task-estimate");
  const stored = async () => (await ann.api.task(id)).estimate_hours;
  await hours.type("1,5");
  await hours.holds("1,5");
  expect(await stored()).toBeNull();
  await hours.type(Key.ENTER);
  await expect.poll(stored).toBe(1.5);
  await hours.retype("2.25", Key.TAB);
  await expect.poll(stored).toBe(2.25);
  await hours.holds("2.25");
  await hours.retype("8e", Key.TAB);
  await hours.has("aria-invalid", "true");
  await hours.holds("8e");
  expect(await stored()).toBe(2.25);
  await hours.type(Key.ESCAPE);
  await hours.holds("2.25");
});

test("a due date is typed in words and in figures", async ({ ann }) => {
  const { id, panel } = await open(ann);
  const due = panel.part("#task-due");
  const stored = async () => (await ann.api.task(id)).due_at?.slice(0, 10);
  await due.type("2031-12-0");
  await due.holds("2031-12-0");
  await due.type("1");
  await expect.poll(stored).toBe("2031-12-01");
  await due.type(Key.TAB);
  await due.holds("1 Dec 2031");
  await due.retype("tomorrow", Key.ENTER);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await expect.poll(stored).toBe(tomorrow);
  await ann.browser.part(".card-due").says("Tomorrow");
});

test("a due date is chosen from the month, which opens at its field", async ({ ann }) => {
  const { id, panel } = await open(ann);
  const due = panel.part("#task-due");
  await due.focus();
  await ann.browser.press(Key.ARROW_DOWN);
  const month = ann.browser.part("[popover].date-picker");
  await month.shown(1);
  const [field, box] = [await due.box(), await month.box()];
  expect(box.height).toBeLessThan(400);
  expect(box.top).toBeGreaterThanOrEqual(field.top + field.height - 1);
  await month.part("button", { name: "Tomorrow" }).click();
  await month.gone();
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await expect.poll(async () => (await ann.api.task(id)).due_at?.slice(0, 10)).toBe(tomorrow);
});

test("a column's colour is chosen from those that stand at it", async ({ ann }) => {
  const project = await projectWith(ann, []);
  await ann.goto(`/projects/${project.id}/settings`);
  const { browser } = ann;
  await browser.part("main button[popovertarget]", { name: /^Colou?r of To do/ }).click();
  const colours = browser.part("[popover].swatches");
  await colours.shown(1);
  expect((await colours.box()).height).toBeLessThan(200);
  await colours.part("button[aria-pressed=false]").click();
  await colours.gone();
});

test("Enter saves the title and Esc restores it", async ({ ann }) => {
  const { id, panel } = await open(ann);
  const title = panel.part("#task-title");
  await title.retype("Mend the roof", Key.ENTER);
  await expect.poll(async () => (await ann.api.task(id)).title).toBe("Mend the roof");
  await ann.browser.part("[data-testid=task-card]", { text: "Mend the roof" }).shown();
  await title.type(" and the door", Key.ESCAPE);
  await title.holds("Mend the roof");
  await panel.shown();
  await title.type(Key.ESCAPE);
  await panel.gone();
  expect((await ann.api.task(id)).title).toBe("Mend the roof");
});

test("a choice is saved when it is made", async ({ ann }) => {
  const { id, panel } = await open(ann);
  await panel.part("#task-priority").choose("Urgent");
  await panel.part("#task-priority").type(Key.ENTER);
  await expect.poll(async () => (await ann.api.task(id)).priority).toBe("urgent");
});

test("keys of an input method neither save nor close", async ({ ann }) => {
  const { id, panel } = await open(ann);
  const title = panel.part("#task-title");
  await title.retype(Key.BACK_SPACE);
  await title.focused();
  await ann.browser.compose("にほん", "日本", async () => {
    await title.holds("にほん");
    await panel.shown();
    expect((await ann.api.task(id)).title).toBe("Fix the roof");
  });
  await title.holds("日本");
  await title.focused();
  expect((await ann.api.task(id)).title).toBe("Fix the roof");
  await title.type(Key.ENTER);
  await expect.poll(async () => (await ann.api.task(id)).title).toBe("日本");
});
