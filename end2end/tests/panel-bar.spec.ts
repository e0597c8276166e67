// The bar on top of a card's panel: where it is, its neighbours, its link, and the page that it can have for itself.

import { expect, projectWith, test } from "../harness/test.ts";

test("J and K lead through the cards as they are shown, column by column", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two", "Last", "Three"]);
  const board = await ann.open(project);
  await board.drag("Three", { column: "Done" });
  await board.settled();
  const { page } = ann;
  const panel = await board.openTask("One");
  const heading = (title: string) => expect(page.getByRole("dialog", { name: title })).toBeFocused();
  await heading("One");
  for (const title of ["Two", "Last", "Three"]) {
    await page.keyboard.press("j");
    await heading(title);
  }
  await page.keyboard.press("j");
  await heading("Three");
  await expect(panel.panel.getByRole("button", { name: "Next card" })).toHaveAttribute("aria-disabled", "true");
  for (const title of ["Last", "Two"]) {
    await page.keyboard.press("k");
    await heading(title);
  }
  // Never in fields, never with other keys.
  for (const key of ["Control+k", "Alt+j", "Shift+J"]) await page.keyboard.press(key);
  await heading("Two");
  const title = panel.panel.getByRole("textbox", { name: "Title" });
  await title.focus();
  await page.keyboard.press("End");
  await page.keyboard.type("jk");
  await expect(title).toHaveValue("Twojk");
  // What was typed is saved by going on.
  await panel.panel.getByRole("button", { name: "Next card" }).click();
  await expect(page.getByRole("dialog", { name: "Last" })).toBeVisible();
  await board.settled();
  expect(await ann.api.column(project, "To do")).toEqual(["One", "Twojk", "Last"]);
  await page.goBack();
  await expect(page.getByRole("dialog", { name: "Twojk" })).toBeVisible();
});

test("the way to the next card leaves hidden cards out, and keeps the focus on its button", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["Red wall", "Blue wall", "Red roof"]);
  const board = await ann.open(project);
  const { page } = ann;
  await page.getByRole("searchbox").pressSequentially("red");
  await expect(board.card("Blue wall")).toBeHidden();
  const panel = await board.openTask("Red wall");
  const next = panel.panel.getByRole("button", { name: "Next card" });
  await next.focus();
  await expect(next).toHaveAttribute("title", "Next card (J)");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Red roof" })).toBeVisible();
  await expect(next).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Red roof" })).toBeVisible();
  const back = panel.panel.getByRole("button", { name: "Previous card" });
  await back.focus();
  await page.keyboard.press("Space");
  await expect(page.getByRole("dialog", { name: "Red wall" })).toBeVisible();
  await expect(back).toBeFocused();
});

test("the bar names the project and the column, and copies the card's link", async ({ people }) => {
  const ann = await people.register("Ann");
  await ann.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const project = await projectWith(ann, ["One"]);
  const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
  const board = await ann.open(project);
  const { page } = ann;
  const panel = await board.openTask("One");
  const crumbs = panel.panel.getByRole("navigation", { name: "Breadcrumb" });
  await expect(crumbs).toContainText(project.name);
  await expect(crumbs).toContainText("To do");
  await panel.choose("Column", "Done");
  await expect(crumbs).toContainText("Done");
  await panel.panel.getByRole("button", { name: "Copy link" }).click();
  await expect(board.toasts.filter({ hasText: "Link copied" })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(new URL(`/projects/${project.id}?task=${id}`, page.url()).href);
  await page.goto(link);
  await expect(page.getByRole("dialog", { name: "One" })).toBeVisible();
  await crumbs.getByRole("link", { name: project.name }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("on a wide screen a card can have the page, in its address, and Esc gives it back", async ({ people }) => {
  const ann = await people.register("Ann", { viewport: { width: 1920, height: 1000 } });
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  const { page } = ann;
  const panel = await board.openTask("One");
  // The box of what slides in is not exact to the last digit.
  const width = async () => Math.round((await panel.panel.boundingBox())?.width ?? 0);
  const beside = await width();
  await panel.panel.getByRole("button", { name: "Show as a page" }).click();
  await expect.poll(width).toBe(1920);
  await expect(board.card("Two")).toBeHidden();
  await expect(panel.panel.getByRole("button", { name: "Show beside the board" })).toBeFocused();
  await page.reload();
  await board.live();
  expect(await width()).toBe(1920);
  await page.keyboard.press("j");
  await expect(page.getByRole("dialog", { name: "Two" })).toBeVisible();
  expect(await width(), "the next card, too").toBe(1920);
  await page.keyboard.press("Escape");
  await expect.poll(width).toBe(beside);
  await expect(board.card("Two")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page).not.toHaveURL(/\?/);

  // Where there is no room for it, the same address is the panel, and Esc closes it at once.
  await page.setViewportSize({ width: 1000, height: 800 });
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await width()).toBe(beside);
  await expect(panel.panel.getByRole("button", { name: "Show as a page" })).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
});

for (const size of ["16px", "32px"]) {
  test(`on a phone each property fits, with text of ${size}`, async ({ people }) => {
    const ann = await people.register("Ann", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const project = await projectWith(ann, ["One"]);
    const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
    await ann.api.updateTask(id, { due_at: "2020-02-03", estimate_hours: 1.5, blocked_reason: "Waiting for bricks" });
    const board = await ann.open(project);
    const { panel } = await board.openTask("One");
    await ann.page.evaluate((size) => document.documentElement.style.setProperty("font-size", size), size);
    await expect(panel.getByTestId("overdue")).toBeVisible();
    const body = panel.locator(".task-body");
    const [content, room] = await body.evaluate((element) => [element.scrollWidth, element.clientWidth]);
    expect(content).toBeLessThanOrEqual(room ?? 0);
    const edge = await body.evaluate((element) => element.getBoundingClientRect().right);
    for (const part of await panel.locator(".property > :visible").all()) {
      const box = await part.boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(edge);
    }
  });
}

test("the properties have the marks and the words of the board", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toLocaleDateString("en-CA");
  await ann.api.updateTask(id, { priority: "urgent", due_at: day(-1) });
  const board = await ann.open(project);
  const { panel } = await board.openTask("One");
  const due = panel.getByLabel("Due", { exact: true });
  await expect(due).toHaveValue("Yesterday");
  await expect(board.card("One")).toContainText("Yesterday");
  await expect(panel.getByTestId("overdue")).toBeVisible();
  for (const [days, words] of [[0, "Today"], [1, "Tomorrow"]] as const) {
    await ann.api.updateTask(id, { due_at: day(days) });
    await expect(due).toHaveValue(words);
    await expect(board.card("One")).toContainText(words);
    await expect(panel.getByTestId("overdue")).toBeHidden();
  }
  // What can be changed shows it without a pointer over it.
  for (const field of ["Column", "Assignee", "Priority"]) {
    const arrow = panel.locator(".property", { has: panel.page().getByLabel(field) }).locator(".select .icon");
    await expect(arrow).toHaveCSS("opacity", "1");
  }
  await expect(panel.locator(".property .priority-urgent")).toBeVisible();
  await expect(panel.getByLabel("Assignee").locator("option:checked")).toHaveText("Unassigned");
  await panel.getByLabel("Assignee").selectOption({ label: "Ann" });
  await expect(panel.locator(".properties .avatar")).toHaveText("A");
  await expect(panel.getByLabel("Blocked by")).toHaveAttribute("placeholder", "Not blocked");
});
