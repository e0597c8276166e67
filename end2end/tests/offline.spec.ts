// Work without a connection: it outlives the page, arrives once and in order, and what cannot be done is said.

import { BoardPage } from "../harness/board.ts";
import { stored } from "../harness/stored.ts";
import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test, type Person } from "../harness/test.ts";
import type { Project } from "../harness/api.ts";

test.use({ ownServer: true, serviceWorkers: "allow" });

/** Waits until the service worker has the page of a board, and the list of projects. */
async function kept(person: Person, project: Project): Promise<void> {
  for (const path of [`/projects/${project.id}`, "/"]) {
    await expect.poll(() => person.page.evaluate(async (path) => (await caches.match(path)) !== undefined, path)).toBe(true);
  }
}

test("what was done without a connection survives a reload, and is sent once and in order", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  await kept(ann, project);
  const { seq } = await ann.api.board(project);
  await ann.page.clock.install();
  await ann.context.setOffline(true);
  await ann.page.reload();
  await hydrated(ann.page);
  await board.drag("One", { column: "Done" });
  await board.add("To do", ["Three", "Four"]);
  await board.offline();
  await expect(board.connection).toContainText("Offline · 3 changes waiting · Retry");

  await ann.page.reload();
  await hydrated(ann.page);
  await expect(board.connection).toHaveAttribute("data-pending", "3");
  await board.shows("To do", ["Two", "Three", "Four"]);
  await board.shows("Done", ["One"]);

  await ann.context.setOffline(false);
  await board.live();
  await board.shows("To do", ["Two", "Three", "Four"]);
  expect(await ann.api.column(project, "To do")).toEqual(["Two", "Three", "Four"]);
  expect(await ann.api.column(project, "Done")).toEqual(["One"]);
  await ann.page.reload();
  await board.live();
  expect((await ann.api.board(project)).seq, "each once").toBe(seq + 3);
});

test("the ops of a tab that ended are sent by another one", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  const second = await ann.context.newPage();
  const other = await ann.open(project, second);

  // The first tab believes that it is live, but its request gets no answer.
  await ann.page.route("**/api/**", (route) => route.abort());
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  await expect.poll(() => stored(second)).toBe(1);
  expect(await ann.api.column(project, "Done")).toEqual([]);
  await ann.page.close();
  await other.shows("Done", ["One"]);
  await expect.poll(() => ann.api.column(project, "Done")).toEqual(["One"]);
  await expect.poll(() => stored(second)).toBe(0);
});

test("a board opens without a server, as it was last, and can be worked on", async ({ people, server }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One", "Two"]);
  await ann.page.clock.install();
  const board = await ann.open(project);
  await kept(ann, project);
  // Later than the page that is kept.
  await ann.api.createTask(project, { title: "Three" });
  await board.shows("To do", ["One", "Two", "Three"]);

  await server.stop();
  await expect(board.connection).toHaveAttribute("data-state", /connecting|offline/);
  await ann.page.reload();
  await hydrated(ann.page);
  await board.shows("To do", ["One", "Two", "Three"]);
  await board.drag("Two", { column: "Done" });
  await board.add("To do", ["Four"]);
  await board.offline();
  await expect(board.connection).toContainText("Offline · 2 changes waiting · Retry");

  // From the list of projects, too.
  await ann.page.goto("/");
  await hydrated(ann.page);
  await ann.page.getByRole("link", { name: project.name }).click();
  await board.shows("To do", ["One", "Three", "Four"]);
  await expect(board.connection).toHaveAttribute("data-pending", "2");

  // Another reload, of the address of a card.
  await ann.page.goto(`/projects/${project.id}?task=${crypto.randomUUID()}`);
  await hydrated(ann.page);
  await board.shows("To do", ["One", "Three", "Four"]);
  await server.start();
  const retry = board.connection.getByRole("button", { name: /Retry/ });
  // Sooner or later by itself, here after the longest of its waits.
  await ann.page.clock.fastForward(8_000);
  await expect(board.connection).toHaveAttribute("data-state", /live|offline/, { timeout: 40_000 });
  if (await retry.isVisible()) await retry.click();
  await board.live();
  expect(await ann.api.column(project, "To do")).toEqual(["One", "Three", "Four"]);
  expect(await ann.api.column(project, "Done")).toEqual(["Two"]);
});

test("signing out leaves nothing behind", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  await ann.open(project);
  await kept(ann, project);
  await ann.page.getByRole("button", { name: /^Account of/ }).click();
  await ann.page.getByRole("button", { name: "Sign out" }).click();
  await expect(ann.page).toHaveURL(/\/login$/);
  await expect.poll(() => ann.page.evaluate(async () => (await caches.keys()).length)).toBe(0);
  const keys = await ann.page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open("lockstep");
        opening.onsuccess = () => {
          const count = opening.result.transaction("kept").objectStore("kept").count();
          count.onsuccess = () => resolve(count.result);
        };
      }),
  );
  expect(keys).toBe(0);
});

test("a description that others changed meanwhile: both texts are there after a reload", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, [], [[bob, "editor"]]);
  const { id, version } = await ann.api.createTask(project, { title: "Shared", description: "Before" });
  const board = await ann.open(project);
  const panel = await board.openTask("Shared");
  await expect(panel.described).toHaveText("Before");
  await ann.page.route("**/api/**", (route) => route.abort());
  await panel.describe("What Ann wrote");
  await bob.api.updateTask(id, { description: "What Bob wrote", version });
  await ann.page.unrouteAll();
  await ann.page.goto(`/projects/${project.id}`);

  const list = ann.page.getByTestId("unmade");
  await expect(list).toContainText("“Shared” was not changed. Someone else changed the description.");
  await ann.page.reload();
  await hydrated(ann.page);
  await list.getByRole("button", { name: "Compare" }).click();
  const both = panel.panel.getByRole("alert");
  await expect(both.getByText("What Ann wrote")).toBeVisible();
  await expect(both.getByText("What Bob wrote")).toBeVisible();
  await panel.panel.getByRole("button", { name: "Keep mine" }).click();
  await expect.poll(async () => (await ann.api.task(id)).description).toBe("What Ann wrote");
  await expect(list).toHaveCount(0);
});

test("what cannot be done any more is kept in sight until its author decides", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["Doomed"], [[bob, "owner"]]);
  const board = await ann.open(project);
  await kept(ann, project);
  await ann.context.setOffline(true);
  await ann.page.reload();
  await hydrated(ann.page);
  await board.drag("Doomed", { column: "Done" });
  await board.add("To do", ["A thought worth keeping"]);
  const { tasks } = await bob.api.board(project);
  await bob.api.deleteTask(tasks[0]?.id ?? "");
  await bob.api.setRole(project, ann.user, "viewer");
  await ann.context.setOffline(false);

  const list = ann.page.getByTestId("unmade");
  await expect(list).toContainText("2 changes were not made");
  await expect(list).toContainText("was not moved.");
  await expect(list.getByText("A thought worth keeping", { exact: true })).toBeVisible();
  await bob.api.setRole(project, ann.user, "editor");
  await list.getByRole("listitem").filter({ hasText: "A thought" }).getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => bob.api.column(project, "To do")).toEqual(["A thought worth keeping"]);
  await list.getByRole("button", { name: "Discard" }).click();
  await expect(list).toHaveCount(0);
});

test("a page of an older build says so, and loses nothing by loading anew", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  let old = true;
  const builds: (string | null)[] = [];
  await ann.context.routeWebSocket("**/ws/**", (socket) => {
    builds.push(new URL(socket.url()).searchParams.get("build"));
    // Once it is open: a server cannot say why before.
    if (old) setTimeout(() => void socket.close({ code: 4410, reason: "client too old" }));
    else socket.connectToServer();
  });
  await ann.page.goto(`/projects/${project.id}`);
  await hydrated(ann.page);
  const board = new BoardPage(ann.page);
  await expect(board.connection).toContainText("Update available");
  expect(builds[0]).toMatch(/^[\w-]{16}$/);
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  old = false;
  await ann.page.getByRole("alert").getByRole("link", { name: "Reload" }).click();
  await board.live();
  // A page may be live before it has read what is stored.
  await expect.poll(() => ann.api.column(project, "Done")).toEqual(["One"]);
});
