// axe finds nothing on any page, light and dark.

import { violations } from "../harness/axe.ts";
import { expect, hydrated, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("pages outside", async ({ people }) => {
      const visitor = await people.visitor({ colorScheme });
      visitor.expects(REFUSED_REQUEST);
      for (const path of ["/login", "/register", "/no/such/page"]) {
        await visitor.page.goto(path);
        await hydrated(visitor.page);
        expect(await violations(visitor.page), path).toEqual([]);
      }
    });

    test("pages inside", async ({ people }) => {
      const ann = await people.register("Ann", { colorScheme });
      const project = await ann.api.createProject("Accessible");
      await ann.api.invite(project, "editor", "somebody@example.org");
      const { url } = await ann.api.invite(project, "viewer");
      for (const path of ["/", "/account", `/projects/${project.id}/settings`, new URL(url).pathname]) {
        await ann.page.goto(path);
        await hydrated(ann.page);
        await expect(ann.page.getByRole("heading", { level: 1 })).toBeVisible();
        expect(await violations(ann.page), path).toEqual([]);
      }
    });

    test("the board, its task panel, its menus and its toasts", async ({ people }) => {
      const ann = await people.register("Ann", { colorScheme });
      const bob = await people.register("Bob");
      const project = await projectWith(ann, ["One", "Two", "Three"], [[bob, "editor"]]);
      const [one, two] = (await ann.api.board(project)).tasks;
      await ann.api.updateTask(one?.id ?? "", { priority: "urgent", due_at: "2020-02-03T00:00:00Z", blocked_reason: "Waiting" });
      await ann.api.updateTask(two?.id ?? "", { priority: "low" });
      const board = await ann.open(project);
      expect(await violations(ann.page), "board").toEqual([]);

      await board.actions("One");
      expect(await violations(ann.page), "menu").toEqual([]);
      await ann.page.keyboard.press("Escape");

      await ann.page.getByRole("button", { name: "Change column To do" }).click();
      await expect(ann.page.getByRole("dialog", { name: "Column" })).toBeVisible();
      expect(await violations(ann.page), "column").toEqual([]);
      await ann.page.keyboard.press("Escape");

      const bobs = await (await bob.open(project)).openTask("Two");
      await bobs.panel.getByRole("textbox", { name: "Title" }).focus();
      await expect(board.card("Two")).toContainText("Bob is editing");
      expect(await violations(ann.page), "busy").toEqual([]);

      await board.remove("Three");
      await expect(board.toasts).toBeVisible();
      expect(await violations(ann.page), "toast").toEqual([]);

      await board.openTask("One");
      expect(await violations(ann.page), "task").toEqual([]);
    });

    test("the demo board", async ({ people }) => {
      const visitor = await people.visitor({ colorScheme });
      await visitor.page.goto("/login");
      await hydrated(visitor.page);
      await visitor.page.getByRole("region", { name: "Try the demo" }).getByRole("button").first().click();
      await visitor.page.getByRole("main").getByRole("listitem").first().getByRole("link").click();
      await expect(visitor.page.getByTestId("connection")).toHaveAttribute("data-state", "live");
      expect(await violations(visitor.page)).toEqual([]);
    });
  });
}
