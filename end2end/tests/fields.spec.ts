// A field holds what is typed until it is left, saves it once, and says why it does not.

import type { Page } from "@playwright/test";
import { expect, hydrated, pair, projectWith, test, type People, type Person } from "../harness/test.ts";
import type { TaskPanel } from "../harness/board.ts";

/** The changes of tasks that a page sends from here on. */
function changes(page: Page): unknown[] {
  const sent: unknown[] = [];
  page.on("request", (request) => {
    if (request.method() === "PATCH" && /\/api\/tasks\/[^/]+$/.test(request.url())) sent.push(request.postDataJSON());
  });
  return sent;
}

async function open(people: People, options = {}): Promise<{ ann: Person; id: string; panel: TaskPanel; sent: unknown[] }> {
  const ann = await people.register("Ann", options);
  const project = await projectWith(ann, []);
  const { id } = await ann.api.createTask(project, { title: "Fix the roof" });
  const board = await ann.open(project);
  const panel = await board.openTask("Fix the roof");
  return { ann, id, panel, sent: changes(ann.page) };
}

for (const [typed, stored] of [["1.5", 1.5], ["1,5", 1.5], ["8", 8], [",25", 0.25]] as const) {
  test(`${typed} typed into Hours is ${stored}, saved once`, async ({ people }) => {
    const { ann, id, panel, sent } = await open(people);
    const hours = panel.panel.getByLabel("Estimate");
    await hours.pressSequentially(typed);
    await expect(hours).toHaveValue(typed);
    expect(sent).toEqual([]);
    await hours.press("Enter");
    await expect.poll(async () => (await ann.api.task(id)).estimate_hours).toBe(stored);
    await hours.blur();
    await expect(hours).toHaveValue(String(stored));
    expect(sent).toEqual([{ estimate_hours: stored }]);
  });
}

test("a number that is refused stays, with the reason beside it, and nothing is saved", async ({ people }) => {
  const { ann, id, panel, sent } = await open(people);
  await ann.api.updateTask(id, { estimate_hours: 4 });
  const hours = panel.panel.getByLabel("Estimate");
  await expect(hours).toHaveValue("4");
  for (const [typed, reason] of [
    ["8e", "Enter a number, like 1.5."],
    ["-3", "Enter a number from 0 to 10000, or leave it empty."],
    ["99999", "Enter a number from 0 to 10000, or leave it empty."],
    ["1,234,567", "Enter it without thousands separators."],
  ] as const) {
    await hours.fill("");
    await hours.pressSequentially(typed);
    await hours.press("Tab");
    await expect(hours).toHaveValue(typed);
    await expect(hours).toHaveAttribute("aria-invalid", "true");
    await expect(hours).toHaveAccessibleDescription(reason);
  }
  // Others don't see it, and what they do does not touch it.
  await ann.api.updateTask(id, { estimate_hours: 5 });
  await expect(hours).toHaveValue("1,234,567");
  await hours.focus();
  await hours.press("Escape");
  await expect(hours).toHaveValue("5");
  await expect(hours).not.toHaveAttribute("aria-invalid");
  expect((await ann.api.task(id)).estimate_hours).toBe(5);
  expect(sent).toEqual([]);
});

test("an estimate that is emptied is none", async ({ people }) => {
  const { ann, id, panel } = await open(people);
  await ann.api.updateTask(id, { estimate_hours: 4 });
  const hours = panel.panel.getByLabel("Estimate");
  await expect(hours).toHaveValue("4");
  await hours.fill("");
  await hours.blur();
  await expect.poll(async () => (await ann.api.task(id)).estimate_hours).toBeNull();
});

test("a decimal is written as its reader does", async ({ people }) => {
  const { ann, id, panel } = await open(people, { locale: "de-DE" });
  const hours = panel.panel.getByLabel("Estimate");
  await hours.pressSequentially("2.5");
  await hours.press("Enter");
  await expect(hours).toHaveValue("2,5");
  await expect.poll(async () => (await ann.api.task(id)).estimate_hours).toBe(2.5);
  await ann.page.reload();
  await hydrated(ann.page);
  await expect(hours).toHaveValue("2,5");
});

test("the wheel never changes a number", async ({ people }) => {
  const { ann, id, panel, sent } = await open(people);
  await ann.api.updateTask(id, { estimate_hours: 4 });
  const hours = panel.panel.getByLabel("Estimate");
  await expect(hours).toHaveValue("4");
  await hours.hover();
  await hours.click();
  for (const by of [100, -300, 50]) await ann.page.mouse.wheel(0, by);
  await ann.page.keyboard.press("ArrowUp");
  await expect(hours).toHaveValue("4");
  await hours.blur();
  expect(sent).toEqual([]);
  expect((await ann.api.task(id)).estimate_hours).toBe(4);
});

test("keys that walk through a choice save it once, on Enter or when it is left", async ({ people }) => {
  const { ann, id, panel, sent } = await open(people);
  const priority = panel.panel.getByLabel("Priority", { exact: true });
  await priority.focus();
  for (let step = 0; step < 3; step += 1) await priority.press("ArrowDown");
  await expect(priority).toHaveValue("high");
  expect(sent).toEqual([]);
  await priority.press("Enter");
  await expect.poll(async () => (await ann.api.task(id)).priority).toBe("high");
  await priority.press("ArrowUp");
  await priority.press("Escape");
  await expect(priority).toHaveValue("high");
  await expect(panel.panel).toBeVisible();
  await priority.press("ArrowDown");
  await priority.press("Tab");
  await expect.poll(async () => (await ann.api.task(id)).priority).toBe("urgent");
  expect(sent).toEqual([{ priority: "high" }, { priority: "urgent" }]);
});

test("Esc in the title restores it, and only the next Esc closes the panel", async ({ people }) => {
  const { ann, id, panel, sent } = await open(people);
  const title = panel.panel.getByRole("textbox", { name: "Title" });
  await title.pressSequentially("garbage");
  await title.press("Escape");
  await expect(title).toHaveValue("Fix the roof");
  await expect(title).toBeFocused();
  await title.press("Escape");
  await expect(panel.panel).toBeHidden();
  expect(sent).toEqual([]);
  expect((await ann.api.task(id)).title).toBe("Fix the roof");
});

test("an empty title is refused in words, and a long one is neither cut nor saved", async ({ people }) => {
  const { ann, id, panel, sent } = await open(people);
  const title = panel.panel.getByRole("textbox", { name: "Title" });
  await title.fill("");
  await title.blur();
  await expect(title).toHaveAccessibleDescription("This can't be empty.");
  await title.focus();
  await ann.page.keyboard.insertText("x".repeat(700));
  await title.press("Enter");
  await expect(title).toHaveValue("x".repeat(700));
  await expect(title).toHaveAccessibleDescription("700 characters. At most 500 fit.");
  await title.fill("🂡".repeat(500));
  await expect(title, "as the server counts").toHaveAccessibleDescription("500 / 500");
  await title.press("Enter");
  await expect.poll(async () => (await ann.api.task(id)).title).toBe("🂡".repeat(500));
  expect(sent).toHaveLength(1);
});

test("a reason is saved once when it is left, and Esc restores it", async ({ people }) => {
  const { ann, id, panel, sent } = await open(people);
  const reason = panel.panel.getByLabel("Blocked by");
  await reason.pressSequentially("The scaffold");
  await reason.press("Tab");
  await expect.poll(async () => (await ann.api.task(id)).blocked_reason).toBe("The scaffold");
  await reason.fill("garbage");
  await reason.press("Escape");
  await expect(reason).toHaveValue("The scaffold");
  expect(sent).toEqual([{ blocked_reason: "The scaffold" }]);
});

test("a setting that the server refuses is back in its field, with the reason", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  const { page } = ann;
  ann.expects(/409/);
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  await page.route(`**/api/projects/${project.id}`, (route) =>
    route.request().method() === "PATCH"
      ? route.fulfill({ status: 409, json: { error: { code: "name_taken", message: "There is one already.", field: "name" } } })
      : route.fallback(),
  );
  const name = page.getByRole("region", { name: "General" }).getByLabel("Name");
  await name.fill("Taken");
  await name.press("Enter");
  await expect(name).toHaveAccessibleDescription("There is one already.");
  await expect(name).toHaveValue("Taken");
  await name.press("Escape");
  await expect(name).toHaveValue(project.name);
});

test("a WIP limit is a whole number, and a refused one changes nothing", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  await ann.page.goto(`/projects/${project.id}/settings`);
  await hydrated(ann.page);
  const limit = ann.page.getByRole("region", { name: "Columns" }).getByLabel("WIP limit").first();
  await limit.fill("2.5");
  await limit.press("Enter");
  await expect(limit).toHaveAccessibleDescription("Enter a whole number, like 5.");
  await limit.fill("0");
  await limit.press("Enter");
  await expect(limit).toHaveAccessibleDescription("Enter a whole number from 1 to 999, or leave it empty.");
  await limit.fill("3");
  await limit.press("Enter");
  const limits = async () => (await ann.api.board(project)).statuses.map((status) => (status as { wip_limit?: number }).wip_limit);
  await expect.poll(async () => (await limits())[0]).toBe(3);
});

test("two people rename a card: both are told, and the first title is one click away", async ({ people }) => {
  const { ann, bob, project, annsBoard, bobsBoard } = await pair(people, ["Old"]);
  const [annsPanel, bobsPanel] = [await annsBoard.openTask("Old"), await bobsBoard.openTask("Old")];
  const annsTitle = annsPanel.panel.getByRole("textbox", { name: "Title" });
  await annsTitle.fill("What Ann wants");
  await bobsPanel.retitle("What Bob wants");
  // Ann is typing: her text stays, and she is told what Bob has made of it.
  await expect(annsPanel.panel.getByTestId("overtaken")).toContainText("Changed meanwhile to “What Bob wants”.");
  await expect(annsTitle).toHaveValue("What Ann wants");
  await annsTitle.press("Enter");
  await bobsBoard.shows("To do", ["What Ann wants"]);
  const told = bobsBoard.toasts.filter({ hasText: "Your title “What Bob wants” was changed to “What Ann wants”." });
  await told.getByRole("button", { name: "Use mine" }).click();
  await annsBoard.shows("To do", ["What Bob wants"]);
  await expect(annsBoard.toasts).toContainText("Your title “What Ann wants” was changed");
  expect(await bob.api.column(project, "To do")).toEqual(["What Bob wants"]);
  expect(ann.complaints()).toEqual([]);
});

test("whoever is typing can take the title of the other", async ({ people }) => {
  const { ann, project, annsBoard, bobsBoard } = await pair(people, ["Old"]);
  const [annsPanel, bobsPanel] = [await annsBoard.openTask("Old"), await bobsBoard.openTask("Old")];
  const title = annsPanel.panel.getByRole("textbox", { name: "Title" });
  await title.fill("What Ann wants");
  await bobsPanel.retitle("What Bob wants");
  await annsPanel.panel.getByRole("button", { name: "Use theirs" }).click();
  await expect(title).toHaveValue("What Bob wants");
  await title.blur();
  await annsBoard.settled();
  expect(await ann.api.column(project, "To do")).toEqual(["What Bob wants"]);
});
