// The pages that look over boards: figures, colours, a week, and charts by pointer and by keys.

import type { Project } from "../harness/api.ts";
import { expect, Key, projectWith, test, type Visitor } from "../harness/webdriver/test.ts";

const day = (offset: number): string => `${new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`;

/** Two cards finished, one at work and blocked, and one with 12 hours due today. */
async function busy(ann: Visitor): Promise<Project> {
  const project = await projectWith(ann, ["One", "Two", "Three", "Four"]);
  const { tasks, statuses } = await ann.api.board(project);
  const id = (title: string) => tasks.find((task) => task.title === title)?.id ?? "";
  const move = (title: string, category: string) =>
    ann.api.moveTask(id(title), { status_id: statuses.find((status) => status.category === category)?.id ?? "" });
  for (const title of ["One", "Two", "Three"]) await move(title, "doing");
  for (const title of ["One", "Two"]) await move(title, "done");
  await ann.api.updateTask(id("Three"), { blocked_reason: "No answer" });
  await ann.api.updateTask(id("Four"), { start_at: day(0), due_at: day(0), estimate_hours: 12 });
  await ann.api.assign(id("Four"), ann.user);
  return project;
}

test("workload: a figure opens the cards behind it", async ({ ann }) => {
  await busy(ann);
  await ann.goto("/oversight/workload");
  const cell = ann.browser.part("[data-testid=load-row]", { text: "Ann" }).part("[data-testid=load-cell]", { text: "12" });
  await cell.part("button").click();
  await ann.browser.part("[data-testid=load-panel] [data-testid=load-task]", { text: "Four" }).shown(1);
});

test("heatmap: its cells are walked through by keys", async ({ ann }) => {
  await busy(ann);
  await ann.goto("/oversight/heatmap");
  await ann.browser.part("[role=gridcell]", { name: /^Ann, .*over capacity/ }).shown(1);
  await ann.browser.part("[role=gridcell]").focus();
  await ann.browser.press(Key.ARROW_RIGHT);
  await ann.browser.part("[data-testid=heat-said]").says("Ann, ");
});

test("report: the lists of the week", async ({ ann }) => {
  await busy(ann);
  await ann.goto("/oversight/report");
  await ann.browser.part("[data-testid=report-completed]").says("One");
  await ann.browser.part("[data-testid=report-blocked]").says("No answer");
});

test("flow: charts answer to the pointer and to keys, and are tables", async ({ ann }) => {
  const project = await busy(ann);
  const { browser } = ann;
  await ann.goto(`/oversight/flow?project=${project.id}`);
  const cumulative = browser.part("[data-testid=flow-cumulative] [role=slider]");
  await cumulative.focus();
  await browser.press(Key.END);
  await cumulative.has("aria-valuetext", /1 To do, 1 In progress, 2 Done/);
  await browser.press(Key.ARROW_LEFT);
  await cumulative.has("aria-valuetext", /0 To do, 0 In progress, 0 Done/);

  const times = browser.part("[data-testid=flow-times]");
  await times.part("circle").shown(2);
  await browser.pointAt(await times.part("[role=slider]").point());
  await times.says(/(One|Two): \d+ min/);
  await browser.part("[data-testid=flow-cumulative]").part("button", { name: /table/ }).click();
  await browser.part("[data-testid=flow-cumulative] tr").shown(57);

  await times.part("[role=slider]").focus();
  await browser.press(Key.END, Key.ENTER);
  await expect.poll(() => ann.path()).toContain(`/projects/${project.id}?task=`);
  await browser.part("#task-title").shown();
});
