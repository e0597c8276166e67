// What a week brought: on the screen, on paper, and Report copied.

import type { Project } from "../harness/api.ts";
import { date, day, monday, OversightPage, phone } from "../harness/oversight.ts";
import { expect, type People, type Person, projectWith, test } from "../harness/test.ts";

interface Week {
  ann: Person;
  project: Project;
  report: OversightPage;
}

/** A week with something in each list. */
async function week(people: People, options: Parameters<People["register"]>[1] = {}): Promise<Week> {
  const ann = await people.register("Ann", options);
  const project = await projectWith(ann, ["Finished", "Begun", "Stuck", "Late", "Next"]);
  const { tasks, statuses } = await ann.api.board(project);
  const id = (title: string) => tasks.find((task) => task.title === title)?.id ?? "";
  const status = (category: string) => statuses.find((status) => status.category === category)?.id ?? "";
  await ann.api.moveTask(id("Finished"), { status_id: status("done") });
  await ann.api.moveTask(id("Begun"), { status_id: status("doing") });
  await ann.api.updateTask(id("Stuck"), { blocked_reason: "Waiting for the printer" });
  await ann.api.updateTask(id("Late"), { due_at: day(-9) });
  await ann.api.updateTask(id("Next"), { due_at: day(monday() + 9) });
  await ann.api.assign(id("Begun"), ann.user);
  return { ann, project, report: new OversightPage(ann.page) };
}

test("each list has its number, its tasks, and the week before beside it", async ({ people }) => {
  const { ann, project, report } = await week(people);
  await report.open("report");
  const list = (name: string) => ann.page.getByTestId(`report-${name}`);
  await expect(list("completed")).toContainText("Finished");
  await expect(list("in-progress").getByRole("row", { name: /Begun/ })).toContainText("Ann");
  await expect(list("blocked")).toContainText("Waiting for the printer");
  await expect(list("overdue")).toContainText("9 days");
  await expect(list("due-next-week")).toContainText("Next");
  await expect(list("new").getByRole("row")).toHaveCount(6);
  await expect(list("new").locator("summary")).toContainText("+5");
  await expect(list("overdue").getByRole("link", { name: "Late" })).toHaveAttribute("href", new RegExp(`/projects/${project.id}\\?task=`));

  // Folded and unfolded by keys.
  await list("new").locator("summary").focus();
  await ann.page.keyboard.press("Enter");
  await expect(list("new").getByRole("row")).toHaveCount(0);
  await ann.page.keyboard.press("Enter");
  await expect(list("new").getByRole("row")).toHaveCount(6);
});

test("another week is a step, a date, or an address away", async ({ people }) => {
  const { ann, report } = await week(people);
  await report.open("report");
  await ann.page.getByRole("link", { name: "The week before", exact: true }).click();
  await expect(ann.page).toHaveURL(new RegExp(`week=${date(monday() - 7)}`));
  await expect(ann.page.getByTestId("report-completed")).toContainText("Nothing was completed this week.");
  await ann.page.getByLabel("Week with this day").fill(date(0));
  await expect(ann.page.getByTestId("report-completed").getByRole("link", { name: "Finished" })).toBeVisible();
  await report.open("report", `?week=${date(-21)}`);
  await expect(ann.page.getByTestId("report-new")).toContainText("Nothing was added this week.");
  await ann.page.getByRole("link", { name: "This week" }).click();
  await expect(ann.page.getByTestId("report-new").getByRole("row")).toHaveCount(6);
});

test("it is live", async ({ people }) => {
  const { ann, project, report } = await week(people);
  await report.open("report", `?project=${project.id}`);
  await expect(ann.page.getByTestId("report-new").locator("summary")).toContainText("5");
  await ann.api.createTask(project, { title: "Came later" });
  await expect(ann.page.getByTestId("report-new").getByRole("link", { name: "Came later" })).toBeVisible();
});

test("a day that ends is noticed on a page where nothing else happens", async ({ people }) => {
  const { ann, report } = await week(people);
  await ann.page.clock.install();
  // A socket that says nothing: what it tells would be another reason to ask.
  await ann.page.routeWebSocket(/\/ws\/notifications/, () => {});
  await report.open("report");
  const asked = ann.page.waitForRequest(/\/api\/oversight\/report$/);
  await ann.page.clock.fastForward("06:00");
  expect((await asked).headers()["if-none-match"]).toMatch(/^W\/"[\w-]+"$/);
  expect((await (await asked).response())?.status()).toBe(304);
  // So it stays on the page, and is no failure.
  await expect(ann.page.getByTestId("report-new").locator("summary")).toContainText("5");
  await expect(ann.page.locator(".oversight-problem")).toHaveCount(0);
});

test("it is copied as Markdown, and saved as CSV", async ({ people }) => {
  const { ann, report } = await week(people, { permissions: ["clipboard-read", "clipboard-write"] });
  await report.open("report");
  await ann.page.getByRole("button", { name: "Copy as Markdown" }).click();
  await expect(report.toasts).toContainText("Report copied");
  const text = await ann.page.evaluate(() => navigator.clipboard.readText());
  expect(text).toContain("Waiting for the printer");
  expect(text).toMatch(/^#/);
  const [csv] = await Promise.all([ann.page.waitForEvent("download"), ann.page.getByRole("link", { name: "CSV" }).click()]);
  expect(csv.suggestedFilename()).toMatch(/\.csv$/);
});

test("on paper there are all tasks, folded or not, and no controls", async ({ people }) => {
  const { ann, report } = await week(people);
  await report.open("report");
  await ann.page.getByTestId("report-new").locator("summary").click();
  await expect(ann.page.getByTestId("report-new").getByRole("row")).toHaveCount(0);
  await ann.page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await ann.page.emulateMedia({ media: "print" });
  await expect(ann.page.getByTestId("report-new").getByRole("row")).toHaveCount(6);
  await expect(ann.page.getByRole("banner")).toBeHidden();
  await expect(ann.page.getByRole("button", { name: "Print" })).toBeHidden();
});

test("Print asks the browser to print", async ({ people }) => {
  const { ann, report } = await week(people);
  await ann.page.addInitScript(() => {
    window.print = () => document.documentElement.setAttribute("data-printed", "");
  });
  await report.open("report");
  await ann.page.getByRole("button", { name: "Print" }).click();
  await expect(ann.page.locator("html[data-printed]")).toBeAttached();
});

test("on a phone nothing is too wide or too small", async ({ people }) => {
  const { report } = await week(people, phone);
  await report.open("report");
  await report.fitsFingers();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing, ${colorScheme}`, async ({ people }) => {
    const { report } = await week(people, { colorScheme });
    await report.open("report");
    expect(await report.violations()).toEqual([]);
  });
}
