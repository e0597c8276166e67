// Who has how much: the table, the tasks behind a figure, and putting them elsewhere.

import type { Project, Task } from "../harness/api.ts";
import { date, day, monday, OversightPage, phone } from "../harness/oversight.ts";
import { expect, hydrated, type People, type Person, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

interface Team {
  ann: Person;
  bob: Person;
  project: Project;
  tasks: Task[];
  load: OversightPage;
}

/** Ann and Bob; Ann has 12 hours due this week, late ones among them, and nobody has a plan for the rest. */
async function team(people: People, options: Parameters<People["register"]>[1] = {}): Promise<Team> {
  const ann = await people.register("Ann", options);
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["Write", "Draw", "Late", "Some time"], [[bob, "editor"]]);
  const { tasks } = await ann.api.board(project);
  const [write, draw, late] = tasks as [Task, Task, Task];
  await ann.api.updateTask(write.id, { due_at: day(monday() + 6), estimate_hours: 8 });
  await ann.api.updateTask(draw.id, { due_at: day(monday() + 6), estimate_hours: 4, blocked_reason: "No pens" });
  await ann.api.updateTask(late.id, { due_at: day(monday() - 3), estimate_hours: 2 });
  for (const task of [write, draw, late]) await ann.api.assign(task.id, ann.user);
  return { ann, bob, project, tasks, load: new OversightPage(ann.page) };
}

/** What is left of this week when so many hours are due on its Sunday: days that are over are not free. */
function room(hours: number): string {
  const left = 8 * Math.max(0, 5 + monday());
  if (hours > left) return `${hours - left} h over`;
  return left - hours <= left / 10 ? "full" : `${left - hours} h free`;
}

test("somebody without a board is told what to do", async ({ people }) => {
  const ann = await people.register("Ann");
  await new OversightPage(ann.page).open("workload");
  await expect(ann.page.getByRole("main")).toContainText("not on any board");
  await expect(ann.page.getByRole("main").getByRole("link", { name: "Create your first project" })).toHaveAttribute("href", "/");
});

test("the figures are in the HTML of the first paint", async ({ people }) => {
  const { load } = await team(people, { javaScriptEnabled: false });
  await load.page.goto("/oversight/workload");
  await expect(load.cell("Ann", 0)).toContainText("12 / 40 h");
  await expect(load.page.locator("html[data-hydrated]")).toHaveCount(0);
});

test("each figure opens the tasks behind it, and each of them its board", async ({ people }) => {
  const { load, project, tasks } = await team(people);
  await load.page.goto("/");
  await hydrated(load.page);
  await load.page.getByRole("link", { name: "Oversight" }).click();
  await expect(load.page).toHaveURL(/\/oversight\/workload$/);
  const cell = load.cell("Ann", 0);
  await expect(cell).toContainText("12 / 40 h");
  await expect(cell).toContainText("2 cards");
  await expect(cell).toContainText(room(12));
  // What is overdue is in none of the weeks, and seen first.
  await expect(load.row("Ann").getByRole("button", { name: "Ann, overdue: 2 h 1 card" })).toBeVisible();
  await expect(load.row("Ann").getByTestId("load-open")).toHaveText("3 open");
  await expect(load.row("Ann").getByTestId("load-overdue")).toHaveText("1 overdue");
  await expect(load.row("Ann").getByTestId("load-blocked")).toHaveText("1 blocked");
  await expect(load.row("Unassigned").getByTestId("load-open")).toHaveText("1 open");

  await cell.getByRole("button").click();
  await expect(load.panel.getByTestId("load-task")).toHaveCount(2);
  await expect(load.task("Draw")).toContainText("No pens");
  await load.row("Ann").getByTestId("load-overdue").click();
  await expect(load.panel.getByTestId("load-task")).toHaveCount(1);
  await expect(load.task("Late")).toContainText("overdue");
  await load.task("Late").getByRole("link", { name: "Late" }).click();
  await expect(load.page).toHaveURL(`/projects/${project.id}?task=${tasks[2]?.id}`);
});

test("by keys: a cell, its tasks, another person and week, and back", async ({ people }) => {
  const { ann, bob, load, tasks, project } = await team(people);
  const board = await bob.open(project);
  await load.open("workload");
  const cell = load.cell("Ann", 0).getByRole("button");
  await cell.focus();
  await load.page.keyboard.press("Enter");
  await expect(load.panel).toBeFocused();
  await load.moveByMenu("Write", { person: "Bob", week: await weekOf(load, 1) });
  await expect(load.task("Write")).toHaveCount(0);
  await expect(load.cell("Ann", 0)).toContainText("4 / 40 h");
  await expect(load.cell("Bob", 1)).toContainText("8 / 40 h");
  await expect(board.card("Write").getByRole("img", { name: "Bob" })).toBeVisible();
  await expect.poll(() => ann.api.task(tasks[0]?.id ?? "")).toMatchObject({ assignee_id: bob.user.id });
  expect((await ann.api.task(tasks[0]?.id ?? "")).due_at?.slice(0, 10)).toBe(date(monday() + 13));

  await load.toasts.getByRole("button", { name: "Undo" }).click();
  await expect(load.cell("Ann", 0)).toContainText("12 / 40 h");
  await expect.poll(() => ann.api.task(tasks[0]?.id ?? "")).toMatchObject({ assignee_id: ann.user.id });
  await load.page.keyboard.press("Escape");
  await expect(load.panel).toBeHidden();
});

test("a task that is dragged to somebody else is theirs on every board at once", async ({ people }) => {
  const { ann, bob, load, project } = await team(people);
  const board = await bob.open(project);
  await load.open("workload");
  await load.cell("Ann", 0).getByRole("button").click();
  await load.drag("Draw", load.cell("Bob", 1));
  await expect(load.cell("Bob", 1)).toContainText("4 / 40 h");
  await expect(load.cell("Ann", 0)).toContainText("8 / 40 h");
  await expect(board.card("Draw").getByRole("img", { name: "Bob" })).toBeVisible();
  const draw = (await ann.api.board(project)).tasks.find(({ title }) => title === "Draw");
  expect(draw).toMatchObject({ assignee_id: bob.user.id, due_at: expect.stringContaining(date(monday() + 13)) });
});

test("a drag that Esc ends moves nothing", async ({ people }) => {
  const { ann, load, project } = await team(people);
  await load.open("workload");
  await load.cell("Ann", 0).getByRole("button").click();
  const box = await load.task("Draw").boundingBox();
  await load.page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 20);
  await load.page.mouse.down();
  await load.page.mouse.move(400, 300, { steps: 6 });
  await expect(load.page.locator(".load-drag")).toBeVisible();
  await load.page.keyboard.press("Escape");
  await expect(load.page.locator(".load-drag")).toHaveCount(0);
  await load.page.mouse.up();
  await expect(load.panel).toBeVisible();
  expect((await ann.api.board(project)).tasks.find(({ title }) => title === "Draw")?.assignee_id).toBe(ann.user.id);
});

test("with a finger, too", async ({ people }) => {
  const { bob, load, project } = await team(people, { ...phone, viewport: { width: 1000, height: 800 } });
  const board = await bob.open(project);
  await load.open("workload", "?weeks=4");
  await load.cell("Ann", 0).getByRole("button").click();
  await load.dragByTouch("Draw", load.cell("Bob", 0));
  await expect(load.cell("Bob", 0)).toContainText("4 / 40 h");
  await expect(board.card("Draw").getByRole("img", { name: "Bob" })).toBeVisible();
});

test("what is refused goes back, and says why", async ({ people }) => {
  const { ann, load } = await team(people);
  ann.expects(REFUSED_REQUEST);
  await load.open("workload");
  await load.page.route(/\/api\/tasks\/.*\/assign/, (route) =>
    route.fulfill({ status: 403, json: { error: { code: "forbidden", message: "no", field: null } } }),
  );
  await load.cell("Ann", 0).getByRole("button").click();
  await load.moveByMenu("Write", { person: "Bob" });
  await expect(load.toasts).toContainText("“Write” was not moved.");
  await expect(load.task("Write")).toBeVisible();
  await expect(load.cell("Ann", 0)).toContainText("12 / 40 h");
});

test("what others do shows at once, and the focus stays", async ({ people }) => {
  const { bob, load, tasks } = await team(people);
  await load.open("workload");
  const cell = load.cell("Bob", 0);
  await expect(cell).toContainText("0 / 40 h");
  await cell.getByRole("button").focus();
  await bob.api.updateTask(tasks[3]?.id ?? "", { due_at: day(monday() + 6), estimate_hours: 44 });
  await bob.api.assign(tasks[3]?.id ?? "", bob.user);
  await expect(cell).toContainText("44 / 40 h");
  await expect(cell).toContainText(room(44));
  await expect(cell).toHaveAttribute("data-state", "over");
  await expect(cell.getByRole("button")).toBeFocused();
});

test("capacity and days off change what a week holds", async ({ people }) => {
  const { load } = await team(people);
  await load.open("workload");
  await load.page.getByRole("button", { name: "Capacity of Ann" }).click();
  const dialog = load.page.getByRole("dialog", { name: "Capacity of Ann" });
  await dialog.getByLabel("Friday").fill("4");
  await dialog.getByRole("button", { name: "Add days off" }).click();
  await dialog.getByLabel("First day off").fill(date(monday() + 7));
  await dialog.getByLabel("Last day off").fill(date(monday() + 8));
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(load.cell("Ann", 0)).toContainText("12 / 36 h");
  await expect(load.cell("Ann", 1)).toContainText("0 / 20 h");

  await load.page.getByRole("button", { name: "Capacity of Ann" }).click();
  await dialog.getByLabel("Monday").fill("25");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByLabel("Monday")).toBeFocused();
  await expect(load.cell("Ann", 0)).toContainText("12 / 36 h");
});

test("weeks and projects are in the address", async ({ people }) => {
  const { ann, load, project } = await team(people);
  const other = await projectWith(ann, ["Elsewhere"]);
  await load.open("workload");
  await load.page.getByLabel("Project", { exact: true }).selectOption({ label: other.name });
  await expect(load.page).toHaveURL(new RegExp(`project=${other.id}`));
  await expect(load.row("Bob")).toHaveCount(0);
  await load.page.goBack();
  await expect(load.row("Bob")).toBeVisible();
  await load.page.getByLabel("Weeks shown").selectOption({ label: "4 weeks" });
  await expect(load.row("Ann").getByTestId("load-cell")).toHaveCount(4);
  await load.page.getByRole("link", { name: "Later weeks" }).click();
  await expect(load.page).toHaveURL(new RegExp(`from=${date(monday() + 21)}`));
  await expect(load.row("Ann").getByTestId("load-cell")).toHaveCount(4);
  await load.page.getByRole("link", { name: "This week" }).click();
  await expect(load.cell("Ann", 0)).toContainText("12 / 40 h");

  // Who is no member is told that there is nothing.
  const eve = await people.register("Eve");
  eve.expects(REFUSED_REQUEST);
  await projectWith(eve, ["Mine"]);
  const answer = await eve.page.goto(`/oversight/workload?project=${project.id}`);
  expect(answer?.status()).toBe(404);
  await expect(eve.page.getByRole("alert")).toContainText("This project doesn't exist");
});

test("a viewer sees everything and changes nothing", async ({ people }) => {
  const { ann, load, project } = await team(people);
  const vic = await people.register("Vic");
  await ann.api.addMember(project, vic, "viewer");
  const view = new OversightPage(vic.page);
  await view.open("workload");
  await view.cell("Ann", 0).getByRole("button").click();
  await expect(view.task("Write")).toBeVisible();
  await expect(view.panel.getByRole("button", { name: /^Move/ })).toHaveCount(0);
  await expect(vic.page.getByRole("button", { name: "Capacity of Ann" })).toHaveCount(0);
  await expect(view.row("Bob")).toBeVisible();
  await expect(view.row("Vic"), "who only looks on has no hours to give").toHaveCount(0);
  await expect(load.panel).toBeHidden();
});

test("on a phone nothing is too wide or too small", async ({ people }) => {
  const { load } = await team(people, phone);
  await load.open("workload");
  await load.fitsFingers();
  await load.cell("Ann", 0).getByRole("button").tap();
  await expect(load.task("Write")).toBeVisible();
  await load.fitsFingers();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing, ${colorScheme}`, async ({ people }) => {
    const { load } = await team(people, { colorScheme });
    await load.open("workload");
    expect(await load.violations(), "table").toEqual([]);
    await load.cell("Ann", 0).getByRole("button").click();
    await expect(load.task("Draw")).toBeVisible();
    expect(await load.violations(), "panel").toEqual([]);
    await load.task("Draw").getByRole("button", { name: "Move Draw to…" }).click();
    expect(await load.violations(), "move").toEqual([]);
    await load.page.keyboard.press("Escape");
    await load.page.getByRole("button", { name: "Capacity of Ann" }).click();
    await expect(load.page.getByLabel("Monday")).toBeVisible();
    expect(await load.violations(), "capacity").toEqual([]);
  });
}

/** What the choice of the week so many weeks from now begins with. */
async function weekOf(load: OversightPage, week: number): Promise<string> {
  return (await load.page.getByRole("columnheader").nth(2 + week).innerText()).split("\n")[0]?.trim() ?? "";
}
