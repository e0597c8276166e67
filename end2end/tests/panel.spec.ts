// The panel of an open task: the board beside it stays in use.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, projectWith, test } from "../harness/test.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test("Esc closes the panel from wherever the focus is, and gives the focus back", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  const { page } = ann;
  await board.card("One").focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: "One" });
  await expect(panel).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(board.card("One")).toBeFocused();

  // The board is still there to go on with: another card takes the panel over.
  await page.keyboard.press("Enter");
  await board.card("Two").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Two" })).toBeFocused();
  await expect(page).toHaveURL(/\?task=/);
  await expect(page).toHaveTitle(/^Two/);
  // What lies above the page has Esc for itself.
  await board.actions("One");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toBeHidden();
  await expect(page.getByRole("dialog", { name: "Two" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page).not.toHaveURL(/\?task=/);
  await expect(page).toHaveTitle(new RegExp(`^${project.name}`));
});

test("cards are dragged beside the panel, to the last column too", async ({ people }) => {
  const ann = await people.register("Ann", { viewport: { width: 1100, height: 800 } });
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  await board.openTask("One");
  await board.drag("Two", { column: "In progress" });
  await board.shows("In progress", ["Two"]);
  await board.column("Done").scrollIntoViewIfNeeded();
  const done = await board.column("Done").boundingBox();
  const panel = await ann.page.getByRole("dialog").boundingBox();
  expect((done?.x ?? 0) + (done?.width ?? 0)).toBeLessThanOrEqual(panel?.x ?? 0);
  await board.settled();
  expect(await ann.api.column(project, "In progress")).toEqual(["Two"]);
});

for (const [device, options] of [["a desktop", {}], ["a phone", phone]] as const) {
  test(`a toast is read out and in reach while a task is open on ${device}`, async ({ people }) => {
    const ann = await people.register("Ann", options);
    const project = await projectWith(ann, ["One"]);
    const board = await ann.open(project);
    const { page } = ann;
    const panel = await board.openTask("One");
    await page.route(/\/api\/tasks\//, (route) =>
      route.fulfill({ status: 404, json: { error: { code: "task_not_found", message: "gone", field: null } } }),
    );
    ann.expects(/404/);
    await panel.choose("Priority", "High");
    // By role: what is behind a modal dialog has none. What comes into this region is read out.
    const messages = page.getByRole("region", { name: "Messages" });
    await expect(messages).toHaveAttribute("aria-live", "polite");
    const toast = messages.getByTestId("toast").filter({ hasText: "“One” was not changed." });
    await expect(toast).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await toast.getByRole("button", { name: "Dismiss" }).click();
    await expect(toast).toHaveCount(0);
    await expect(panel.panel).toBeVisible();
  });
}

test("on a phone the panel is a sheet that a tap beside it closes", async ({ people }) => {
  const ann = await people.register("Ann", phone);
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  await board.openTask("One");
  await ann.page.mouse.click(195, 20);
  await expect(ann.page.getByRole("dialog")).toBeHidden();
});
