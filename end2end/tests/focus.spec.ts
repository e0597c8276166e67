// The focus never falls to the body: whatever goes away gives it on.

import { expect, hydrated, pair, projectWith, test } from "../harness/test.ts";

test("a card deleted from its menu or its panel gives the focus to the next, the last one to the column", async ({ people }) => {
  const { annsBoard } = await pair(people, ["One", "Two", "Three"]);
  const { page } = annsBoard;
  await annsBoard.remove("One");
  await expect(annsBoard.card("Two")).toBeFocused();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog");
  await panel.getByRole("button", { name: "Delete card" }).press("Enter");
  await expect(panel).toBeHidden();
  await expect(annsBoard.card("Three")).toBeFocused();
  await page.keyboard.press("Delete");
  await expect(annsBoard.cards("To do")).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest(".board") !== null)).toBe(true);
});

test("a card that changed its column in its panel has the focus when that closes", async ({ people }) => {
  const { annsBoard } = await pair(people, ["One", "Two"]);
  const { page } = annsBoard;
  await annsBoard.card("One").focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog");
  await expect(panel).toBeVisible();
  await panel.locator("#task-status").selectOption({ label: "Done" });
  await annsBoard.shows("Done", ["One"]);
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(annsBoard.card("One")).toBeFocused();
});

test("a card opened by its address has the focus when its panel closes", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two"]);
  const task = (await ann.api.board(project)).tasks.find(({ title }) => title === "Two");
  await ann.page.goto(`/projects/${project.id}?task=${task?.id}`);
  await hydrated(ann.page);
  await ann.page.keyboard.press("Escape");
  await expect(ann.page.getByTestId("task-card").filter({ hasText: "Two" })).toBeFocused();
});

test("a toast that goes gives the focus back", async ({ people }) => {
  const { annsBoard } = await pair(people, ["One", "Two"]);
  const { page } = annsBoard;
  await annsBoard.card("One").focus();
  await page.keyboard.press("Delete");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(annsBoard.toasts.getByRole("button", { name: "Dismiss" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(annsBoard.toasts).toHaveCount(0);
  await expect(annsBoard.card("Two")).toBeFocused();
});

test("who goes on before the next frame keeps the focus: a field that closes does not take it back", async ({ people }) => {
  const { annsBoard } = await pair(people, ["One", "Two"]);
  const { page } = annsBoard;
  /** Presses Esc in a field, and focuses a card in the same task of the browser, as on a machine that draws a frame late. */
  const leaveAtOnce = async (field: string) => {
    await page.evaluate((field) => {
      document.querySelector(field)?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
      document.querySelector<HTMLElement>("[data-testid=task-card]")?.focus();
    }, field);
    await expect(page.locator(field)).toHaveCount(0);
    // Two frames: whatever was to come in the next one has come.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await expect(annsBoard.card("One")).toBeFocused();
  };
  await annsBoard.column("To do").getByTestId("add-task").click();
  await expect(page.locator(".composer-field")).toBeFocused();
  await leaveAtOnce(".composer-field");
  await page.getByTestId("add-column").click();
  await expect(page.locator(".new-column textarea")).toBeFocused();
  await leaveAtOnce(".new-column textarea");
  await page.getByRole("button", { name: "To do", exact: true }).click();
  await expect(page.locator(".column-rename input")).toBeFocused();
  await leaveAtOnce(".column-rename input");
});

test("a click beside everything takes the focus away, and nothing brings it back", async ({ people }) => {
  const { annsBoard, bobsBoard } = await pair(people, ["One", "Two"]);
  const { page } = annsBoard;
  await annsBoard.card("One").focus();
  await page.locator(".header").click({ position: { x: 640, y: 24 } });
  await expect(page.locator("body")).toBeFocused();
  await bobsBoard.remove("One");
  await annsBoard.shows("To do", ["Two"]);
  await expect(page.locator("body")).toBeFocused();
});

test("the first field has the focus: signing in, registering, the first project, and a new board", async ({ people }) => {
  const visitor = await people.visitor();
  const { page } = visitor;
  await page.goto("/login");
  await hydrated(page);
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await page.goto("/register");
  await hydrated(page);
  await expect(page.getByLabel("Name")).toBeFocused();

  const ann = await people.register("Ann");
  await ann.page.goto("/");
  await hydrated(ann.page);
  await expect(ann.page.getByLabel("Project name")).toBeFocused();
  await ann.page.keyboard.type("Kitchen");
  await ann.page.keyboard.press("Enter");
  await expect(ann.page.getByRole("textbox", { name: /Title of the new card/ })).toBeFocused();
  await ann.page.keyboard.type("Boil water");
  await ann.page.keyboard.press("Enter");
  await expect(ann.page.getByTestId("task-card")).toHaveText([/Boil water/]);
});

test("a viewer reads the settings, and meets no fields that do nothing", async ({ people }) => {
  const ann = await people.register("Ann");
  const vera = await people.register("Vera");
  const project = await projectWith(ann, ["One"], [[vera, "viewer"]]);
  const { page } = vera;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  await expect(page.getByRole("main")).toContainText("You have view-only access.");
  await expect(page.getByRole("region", { name: "General" })).toContainText(project.name);
  await expect(page.getByRole("region", { name: "Columns" }).getByRole("listitem")).toHaveText([/To do/, /In progress/, /Done/]);
  await expect(page.getByRole("region", { name: "Members" })).toContainText("Owner");
  await expect(page.getByRole("main").locator("input, select, textarea")).toHaveCount(0);
  await expect(page.getByRole("main").getByRole("button")).toHaveCount(1);
  await ann.api.setRole(project, vera.user, "editor");
  await expect(page.getByRole("region", { name: "Columns" }).getByLabel("Column name")).toHaveCount(3);
  await expect(page.getByRole("region", { name: "General" }).getByRole("textbox")).toHaveCount(0);
});
