// How work flows: each chart by pointer, by keys, and as a table.

import type { Project } from "../harness/api.ts";
import { OversightPage, phone } from "../harness/oversight.ts";
import { expect, type People, type Person, projectWith, test } from "../harness/test.ts";

interface Flowing {
  ann: Person;
  project: Project;
  flow: OversightPage;
}

/** Two finished, one at work, one of them blocked for a time. */
async function flowing(people: People, options: Parameters<People["register"]>[1] = {}): Promise<Flowing> {
  const ann = await people.register("Ann", options);
  const project = await projectWith(ann, ["One", "Two", "Three", "Four"]);
  const { tasks, statuses } = await ann.api.board(project);
  const id = (title: string) => tasks.find((task) => task.title === title)?.id ?? "";
  const status = (category: string) => statuses.find((status) => status.category === category)?.id ?? "";
  for (const title of ["One", "Two", "Three"]) await ann.api.moveTask(id(title), { status_id: status("doing") });
  for (const title of ["One", "Two"]) await ann.api.moveTask(id(title), { status_id: status("done") });
  await ann.api.updateTask(id("Three"), { blocked_reason: "No answer" });
  return { ann, project, flow: new OversightPage(ann.page) };
}

test("nothing yet is said in words", async ({ people }) => {
  const ann = await people.register("Ann");
  await projectWith(ann, []);
  await new OversightPage(ann.page).open("flow");
  await expect(ann.page.getByTestId("flow-cumulative")).toContainText("There were no cards in this period.");
  await expect(ann.page.getByTestId("flow-times")).toContainText("Nothing was finished");
  await expect(ann.page.getByTestId("flow-throughput")).toContainText("Nothing was finished");
  await expect(ann.page.getByTestId("flow-ageing")).toContainText("Nothing is in progress.");
  await expect(ann.page.getByTestId("flow-blocked-time")).toContainText("Nothing was blocked");
});

test("charts say by keys what they show", async ({ people }) => {
  const { ann, project, flow } = await flowing(people);
  await flow.open("flow", `?project=${project.id}`);
  const cumulative = ann.page.getByRole("slider", { name: "Cumulative flow, by day" });
  await cumulative.focus();
  await ann.page.keyboard.press("End");
  await expect(cumulative).toHaveAttribute("aria-valuetext", /1 To do, 1 In progress, 2 Done/);
  await ann.page.keyboard.press("ArrowLeft");
  await expect(cumulative).toHaveAttribute("aria-valuetext", /0 To do, 0 In progress, 0 Done/);
  const weeks = ann.page.getByRole("slider", { name: "Finished cards, by week" });
  await weeks.focus();
  await ann.page.keyboard.press("End");
  await expect(weeks).toHaveAttribute("aria-valuetext", /2 cards finished/);
});

test("the pointer chooses a point, and a click opens its card", async ({ people }) => {
  const { ann, project, flow } = await flowing(people);
  await flow.open("flow", `?project=${project.id}`);
  const times = ann.page.getByRole("slider", { name: "Cycle time of finished cards" });
  await expect(times.locator("circle")).toHaveCount(2);
  await times.hover({ position: { x: 40, y: 60 } });
  await expect(ann.page.getByTestId("flow-times")).toContainText(/(One|Two): \d+ min, finished/);
  await ann.page.getByRole("radio", { name: "Lead time" }).check();
  await expect(ann.page.getByRole("slider", { name: "Lead time of finished cards" })).toBeVisible();
  await ann.page.getByRole("slider", { name: "Lead time of finished cards" }).focus();
  await ann.page.keyboard.press("End");
  await ann.page.keyboard.press("Enter");
  await expect(ann.page).toHaveURL(new RegExp(`/projects/${project.id}\\?task=`));
});

test("each chart is a table as well", async ({ people }) => {
  const { ann, project, flow } = await flowing(people);
  await flow.open("flow", `?project=${project.id}`);
  for (const [section, rows] of [["cumulative", 57], ["times", 3]] as const) {
    const part = ann.page.getByTestId(`flow-${section}`);
    await part.getByRole("button", { name: "Show as a table" }).click();
    await expect(part.getByRole("row")).toHaveCount(rows);
  }
  const part = ann.page.getByTestId("flow-throughput");
  await part.getByRole("button", { name: "Show as a table" }).click();
  await expect(part.getByRole("row").nth(1).getByRole("cell")).toHaveText("2");
});

test("what ages and what is blocked is listed, live", async ({ people }) => {
  const { ann, project, flow } = await flowing(people);
  await flow.open("flow", `?project=${project.id}`);
  const ageing = ann.page.getByTestId("flow-ageing");
  await expect(ageing.getByRole("listitem")).toHaveCount(1);
  await expect(ageing.getByRole("listitem")).toContainText("Three");
  await expect(ageing.getByRole("listitem")).toContainText("blocked");
  await expect(ann.page.getByTestId("flow-blocked-time")).toContainText("still blocked");
  const { tasks, statuses } = await ann.api.board(project);
  const doing = statuses.find(({ category }) => category === "doing")?.id ?? "";
  await ann.api.moveTask(tasks.find(({ title }) => title === "Four")?.id ?? "", { status_id: doing });
  await expect(ageing.getByRole("listitem")).toHaveCount(2);
});

test("on a phone nothing is too wide or too small", async ({ people }) => {
  const { flow } = await flowing(people, phone);
  await flow.open("flow");
  await flow.fitsFingers();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing, ${colorScheme}`, async ({ people }) => {
    const { ann, flow } = await flowing(people, { colorScheme });
    await flow.open("flow");
    await ann.page.getByTestId("flow-cumulative").getByRole("button", { name: "Show as a table" }).click();
    expect(await flow.violations()).toEqual([]);
  });
}
