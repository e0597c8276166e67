// The heatmap: colours that can be read without seeing them.

import { readFile } from "node:fs/promises";
import { date, day, monday, OversightPage, phone } from "../harness/oversight.ts";
import { expect, hydrated, type People, type Person, projectWith, test } from "../harness/test.ts";

/** Ann, with 12 hours due today, on a board of her own. */
async function busy(people: People, options: Parameters<People["register"]>[1] = {}): Promise<{ ann: Person; heat: OversightPage }> {
  const ann = await people.register("Ann", options);
  const project = await projectWith(ann, ["Write"]);
  const [task] = (await ann.api.board(project)).tasks;
  await ann.api.updateTask(task?.id ?? "", { start_at: day(0), due_at: day(0), estimate_hours: 12 });
  await ann.api.assign(task?.id ?? "", ann.user);
  return { ann, heat: new OversightPage(ann.page) };
}

test("each cell says what it is by name, mark and number", async ({ people }) => {
  const { ann, heat } = await busy(people);
  await heat.open("heatmap");
  const grid = ann.page.getByRole("grid", { name: "Load of each person and day" });
  await expect(grid.getByRole("row")).toHaveCount(3);
  await expect(grid.getByRole("columnheader")).toHaveCount(29);
  const over = grid.getByRole("gridcell", { name: /over capacity/ });
  await expect(over).toHaveCount(1);
  await expect(over).toHaveAccessibleName(/^Ann, .*: 12 of [08] hours, over capacity$/);
  await expect(over).toHaveText("12");
  await over.hover();
  await expect(ann.page.getByTestId("heat-said")).toContainText("1 card");
});

test("what is overdue stands before the days, and days that are over are neither free nor full", async ({ people }) => {
  const { ann, heat } = await busy(people);
  const [project] = await projects(ann);
  await ann.api.createTask({ id: project ?? "", name: "" }, { title: "Late" });
  const late = (await ann.api.board({ id: project ?? "", name: "" })).tasks.find(({ title }) => title === "Late");
  await ann.api.updateTask(late?.id ?? "", { due_at: day(-1), estimate_hours: 5 });
  await ann.api.assign(late?.id ?? "", ann.user);
  await heat.open("heatmap", `?from=${date(-7)}`);
  const grid = ann.page.getByRole("grid");
  await expect(grid.getByRole("columnheader")).toHaveCount(30);
  await expect(grid.getByRole("columnheader", { name: "Overdue" })).toHaveText("Over-due");
  await expect(grid.getByRole("gridcell", { name: "Ann: 5 hours overdue" })).toHaveText("5");
  // A week that is over: five days of work, none of them free.
  await expect(grid.getByRole("gridcell", { name: /^Ann, .*: past$/ })).toHaveCount(5);
  // It is as wide as there is room, and no wider.
  const [frame, drawn] = await Promise.all([ann.page.locator(".heat-scroll").boundingBox(), grid.boundingBox()]);
  expect(drawn?.width).toBeLessThanOrEqual((frame?.width ?? 0) + 1);
  expect(drawn?.width).toBeGreaterThan((frame?.width ?? 0) - 40);
});

test("the arrow keys walk through it, and it is one stop of the tab order", async ({ people }) => {
  const { ann, heat } = await busy(people);
  await heat.open("heatmap");
  const cells = ann.page.getByRole("gridcell");
  await cells.first().focus();
  await ann.page.keyboard.press("ArrowRight");
  await expect(cells.nth(1)).toBeFocused();
  await expect(ann.page.getByTestId("heat-said")).toContainText("Ann, ");
  await ann.page.keyboard.press("ArrowDown");
  await expect(cells.nth(29)).toBeFocused();
  await ann.page.keyboard.press("End");
  await expect(cells.nth(55)).toBeFocused();
  await expect(ann.page.locator("[role=gridcell][tabindex='0']")).toHaveCount(1);
});

test("it is live, and keeps the focus", async ({ people }) => {
  const { ann, heat } = await busy(people);
  await heat.open("heatmap", "?unit=week");
  const cell = ann.page.getByRole("gridcell").first();
  await cell.focus();
  await expect(cell).toHaveText("12");
  const [project] = await projects(ann);
  await ann.api.createTask({ id: project ?? "", name: "" }, { title: "Draw" });
  const draw = (await ann.api.board({ id: project ?? "", name: "" })).tasks.find(({ title }) => title === "Draw");
  await ann.api.updateTask(draw?.id ?? "", { due_at: day(0), estimate_hours: 3 });
  await ann.api.assign(draw?.id ?? "", ann.user);
  await expect(cell).toHaveText("15");
  await expect(cell).toBeFocused();
});

test("the same as a table, as a picture, and as CSV", async ({ people }) => {
  const { ann, heat } = await busy(people);
  await heat.open("heatmap", "?unit=week");
  const [picture] = await Promise.all([
    ann.page.waitForEvent("download"),
    ann.page.getByRole("button", { name: "PNG" }).click(),
  ]);
  expect(picture.suggestedFilename()).toBe("heatmap.png");
  const png = await readFile(await picture.path());
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  // Wider than its names alone, at two pixels each.
  expect(png.readUInt32BE(16)).toBeGreaterThan(1000);
  expect(png.length).toBeGreaterThan(10_000);

  await ann.page.getByRole("radio", { name: "Table" }).check();
  await expect(ann.page).toHaveURL(/as=table/);
  const table = ann.page.getByRole("table");
  // Days that are over are not free: on a Monday 40 hours are left, on a Tuesday 32.
  const left = 8 * Math.max(0, 5 + monday());
  await expect(table.getByRole("row", { name: /Ann/ })).toContainText(`12 / ${left} h`);

  const csv = await ann.api.text("/api/oversight/workload.csv?unit=week&count=13");
  expect(csv).toContain("Ann");
  await expect(ann.page.getByRole("link", { name: "CSV" })).toHaveAttribute("href", /workload\.csv\?.*count=13/);
});

test("on a phone it scrolls within itself", async ({ people }) => {
  const { ann, heat } = await busy(people, phone);
  await heat.open("heatmap");
  await heat.fitsFingers();
  const scroller = ann.page.locator(".heat-scroll");
  await scroller.evaluate((element) => element.scrollTo({ left: 300 }));
  await expect(ann.page.getByRole("rowheader", { name: "Ann" })).toBeInViewport();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing, ${colorScheme}`, async ({ people }) => {
    const { ann, heat } = await busy(people, { colorScheme });
    await heat.open("heatmap");
    expect(await heat.violations(), "colours").toEqual([]);
    await ann.page.getByRole("radio", { name: "Table" }).check();
    await expect(ann.page.getByRole("table")).toBeVisible();
    expect(await heat.violations(), "table").toEqual([]);
  });
}

test("nothing to do is a picture, too", async ({ people }) => {
  const ann = await people.register("Ann");
  await projectWith(ann, []);
  await ann.page.goto("/oversight/heatmap");
  await hydrated(ann.page);
  await expect(ann.page.getByRole("gridcell", { name: /^Ann, .*: 0 of 8 hours$/ }).first()).toBeVisible();
});

async function projects(person: Person): Promise<string[]> {
  const { projects } = JSON.parse(await person.api.text("/api/projects")) as { projects: { id: string }[] };
  return projects.map(({ id }) => id);
}
