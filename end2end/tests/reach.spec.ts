// Every page and state at 320 pixels, with text twice as large, with a finger, and in the system's own colours: nothing is
// cut, nothing covers anything else, and axe finds nothing.

import type { BoardPage } from "../harness/board.ts";
import { day } from "../harness/oversight.ts";
import { expect, hydrated, type People, type Person, projectWith, test } from "../harness/test.ts";
import { check, FORCED, larger, LARGE_TEXT, PHONE, SMALL, SMALL_PHONE, TABLET } from "../harness/ways.ts";
import type { BrowserContextOptions } from "@playwright/test";
import type { Project } from "../harness/api.ts";

const TITLE = "A card with a title that goes on for a while, as titles of cards do when nobody stops them";

/** A board with everything on it that a card can have. */
async function full(people: People, options: BrowserContextOptions): Promise<{ ann: Person; project: Project }> {
  const ann = await people.register("Featherstonehaugh", options);
  const bob = await people.register("Butterworth");
  const project = await projectWith(ann, [TITLE, "Two", "Three", "Four"], [[bob, "editor"]]);
  const { tasks } = await ann.api.board(project);
  const ids = tasks.map(({ id }) => id);
  await ann.api.updateTask(ids[0] ?? "", { priority: "urgent", due_at: day(-3), estimate_hours: 7.5, blocked_reason: "Waiting for the printer" });
  await ann.api.updateTask(ids[1] ?? "", { priority: "low", start_at: day(0), due_at: day(4), estimate_hours: 30 });
  await ann.api.updateTask(ids[2] ?? "", { due_at: day(9), estimate_hours: 60 });
  for (const id of ids.slice(0, 3)) await ann.api.assign(id, ann.user);
  return { ann, project };
}

for (const way of [SMALL, PHONE, SMALL_PHONE, LARGE_TEXT, TABLET, FORCED]) {
  const { options } = way;
  test.describe(way.name, () => {
    test("pages outside", async ({ people }) => {
      const visitor = await people.visitor(options);
      await larger(way, visitor);
      for (const path of ["/login", "/register"]) {
        await visitor.page.goto(path);
        await hydrated(visitor.page);
        await check(way, visitor.page, path);
      }
    });

    test("pages inside", async ({ people }) => {
      const { ann, project } = await full(people, options);
      await larger(way, ann);
      await ann.api.invite(project, "editor", "somebody.with.a.long.address@example.org");
      for (const path of ["/", "/account", `/projects/${project.id}/settings`]) {
        await ann.page.goto(path);
        await hydrated(ann.page);
        await expect(ann.page.getByRole("heading", { level: 1 })).toBeVisible();
        await check(way, ann.page, path.endsWith("settings") ? "settings" : `page ${path}`);
      }
    });

    test("the board and what opens on it", async ({ people }) => {
      const { ann, project } = await full(people, options);
      await larger(way, ann);
      const { page } = ann;
      const board: BoardPage = await ann.open(project);
      await check(way, ann.page, "board");

      await board.actions("Two");
      await check(way, ann.page, "card menu");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Change column To do" }).click();
      await expect(page.getByRole("dialog", { name: "Column" })).toBeVisible();
      await check(way, ann.page, "column menu");
      await page.keyboard.press("Escape");
      await (await board.actions("Two")).getByRole("menuitem", { name: "Move to…" }).click();
      await expect(page.getByRole("dialog", { name: "Move" })).toBeVisible();
      await check(way, ann.page, "move dialog");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Account of/ }).click();
      await expect(page.getByRole("link", { name: "Account", exact: true })).toBeVisible();
      await check(way, ann.page, "account menu");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /notifications/i }).first().click();
      await check(way, ann.page, "bell");
      await page.keyboard.press("Escape");
      const toggle = page.getByRole("button", { name: "Filter cards", exact: true });
      if (await toggle.isVisible()) {
        await toggle.click();
        await check(way, ann.page, "filter");
        await toggle.click();
      }

      const task = await board.openTask(TITLE);
      await task.comment("A first comment, with `code` in it.");
      await expect(task.comments).toHaveCount(1);
      await board.settled();
      await check(way, ann.page, "panel");
      await task.comments.first().scrollIntoViewIfNeeded();
      await task.comments.first().hover();
      await check(way, ann.page, "comment");
    });

    test("oversight", async ({ people }) => {
      const { ann } = await full(people, options);
      await larger(way, ann);
      const { page } = ann;
      for (const view of ["workload", "heatmap", "report", "flow"]) {
        await page.goto(`/oversight/${view}`);
        await hydrated(page);
        await check(way, ann.page, view);
      }
      await page.goto("/oversight/workload");
      await hydrated(page);
      await page.getByTestId("load-overdue").filter({ visible: true }).first().click();
      await expect(page.getByTestId("load-task")).toHaveCount(1);
      await check(way, ann.page, "workload panel");
    });
  });
}
