// What the browser stores, and what it refuses to: an op is stored when its transaction is complete.

import type { Page } from "@playwright/test";
import { noted, stored } from "../harness/stored.ts";
import { expect, hydrated, LOST_CONNECTION, type Person, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

const WARNING = "kept only while this page is open";

/**
 * The person's browser takes writes of the queue, and then aborts them, for as long as `refuses` says so. On pages under
 * `slowPath` it is busy with them for as long as `holds` says so.
 */
async function refuseWrites(person: Person, slowPath = "none"): Promise<void> {
  await person.context.addInitScript((slowPath) => {
    const at = globalThis as unknown as { refuses: boolean; holds: boolean; held: number; durabilities: unknown[] };
    at.refuses = true;
    at.holds = location.pathname === slowPath;
    at.held = 0;
    at.durabilities = [];
    // A transaction lasts while something is asked for in it.
    const settle = (store: IDBObjectStore) => {
      if (at.holds) store.get("none").addEventListener("success", () => settle(store));
      else if (at.refuses) store.transaction.abort();
    };
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
      const request = put.call(this, value, key);
      if (String(key).startsWith("queue/")) {
        at.durabilities.push(this.transaction.durability);
        if (at.holds) at.held += 1;
        // The request has succeeded by then.
        request.addEventListener("success", () => settle(this));
      }
      return request;
    };
  }, slowPath);
}

/** Goes on to another page, and has nothing of what this one asks for come through before. */
async function leave(page: Page, path: string): Promise<void> {
  let left = false;
  await page.route("**/api/**", (route) => (left ? route.continue() : route.abort()));
  page.once("framenavigated", () => (left = true));
  await page.goto(path);
}

function allowWrites(person: Person): Promise<void> {
  return person.page.evaluate(() => {
    (globalThis as unknown as { refuses: boolean }).refuses = false;
  });
}

test("a write that is aborted is not taken for stored: it is said once, and tried again", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  await refuseWrites(ann);
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  await ann.page.route("**/api/**", (route) => route.abort());
  await board.drag("One", { column: "Done" });
  await expect(board.toasts).toContainText(WARNING);
  await board.toasts.getByRole("button", { name: "Dismiss" }).click();
  await expect(board.toasts).toHaveCount(0);
  await board.drag("Two", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "2");
  expect(await stored(ann.page)).toBe(0);
  await expect(board.toasts, "once").toHaveCount(0);

  await allowWrites(ann);
  await expect.poll(() => stored(ann.page), { timeout: 15_000 }).toBe(1);
  const durabilities = await ann.page.evaluate(() => (globalThis as unknown as { durabilities: unknown[] }).durabilities);
  expect(new Set(durabilities)).toEqual(new Set(["strict"]));
  await ann.page.unrouteAll();
  await ann.page.reload();
  await board.live();
  // A page may be live before it has read what is stored.
  await expect.poll(async () => (await ann.api.column(project, "Done")).sort()).toEqual(["One", "Two"]);
});

test("what was taken over goes from its old place only when it is stored in the new one", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const [{ id: task = "" } = {}] = (await ann.api.board(project)).tasks;
  const id = crypto.randomUUID();
  const key = `unsent:${ann.user.id}:${project.id}:${id}`;
  const unsent = JSON.stringify({ id, task, draft: { id, body: "From long ago" }, written_at: new Date().toISOString() });
  await ann.context.route("**/comments", (route) => (route.request().method() === "POST" ? route.abort() : route.fallback()));
  // There before the first page: any page looks for what waits.
  await ann.context.addInitScript(
    ([key = "", text = ""]) => {
      if (sessionStorage.getItem(key) === null) localStorage.setItem(key, text);
      sessionStorage.setItem(key, "left");
    },
    [key, unsent],
  );
  await refuseWrites(ann);

  const left = () => ann.page.evaluate((key) => localStorage.getItem(key) !== null, key);
  await ann.page.goto(`/projects/${project.id}`);
  await expect(ann.page.getByTestId("toast")).toContainText(WARNING);
  expect([await left(), await stored(ann.page)]).toEqual([true, 0]);
  await allowWrites(ann);
  await expect.poll(left, { timeout: 15_000 }).toBe(false);
  expect(await stored(ann.page)).toBe(1);

  await ann.context.unroute("**/comments");
  await expect.poll(async () => (await ann.api.thread(task)).map(({ body }) => body), { timeout: 30_000 }).toEqual(["From long ago"]);
  await expect.poll(() => stored(ann.page)).toBe(0);
});

test("a page that is left before its op is stored loses nothing", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  // The browser is never done storing.
  await refuseWrites(ann);
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  await ann.page.route("**/api/**", (route) => route.abort());
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  expect([await noted(ann.page), await stored(ann.page)]).toEqual([1, 0]);
  await leave(ann.page, "/account");
  await expect.poll(() => ann.api.column(project, "Done"), { timeout: 30_000 }).toEqual(["One"]);
  await allowWrites(ann);
  await expect.poll(() => noted(ann.page), { timeout: 15_000 }).toBe(0);
});

test("what is done leaves the journal, also while the browser is busy storing", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  await refuseWrites(ann, "/account");
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  await ann.page.route("**/api/**", (route) => route.abort());
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  await leave(ann.page, "/account");
  await expect.poll(() => ann.api.column(project, "Done"), { timeout: 30_000 }).toEqual(["One"]);
  await expect.poll(() => noted(ann.page)).toBe(0);
  // The write in which the next page takes the op over began before its answer came, and fails after it.
  const held = await ann.page.evaluate(() => {
    const at = globalThis as unknown as { holds: boolean; held: number };
    at.holds = false;
    return at.held;
  });
  expect(held).toBe(1);
  expect([await noted(ann.page), await stored(ann.page)]).toEqual([0, 0]);
});

test("what a tab leaves is sent by one that was open before, and shows something else", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const other = await ann.context.newPage();
  await other.goto("/account");
  await hydrated(other);
  const board = await ann.open(project);
  // Nothing of what it does comes through, and its going is no break of the other one's connection.
  await ann.page.route("**/api/**", (route) => route.abort());
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  await ann.page.close();
  await expect.poll(() => ann.api.column(project, "Done")).toEqual(["One"]);
  await expect.poll(async () => [await noted(other), await stored(other)]).toEqual([0, 0]);
});

test("a browser without a store says so once there is something to lose", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  await ann.context.addInitScript(() => Object.defineProperty(globalThis, "indexedDB", { value: undefined }));
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  await expect(board.toasts).toHaveCount(0);
  await ann.page.route("**/api/**", (route) => route.abort());
  await board.drag("One", { column: "Done" });
  await expect(board.toasts).toContainText(WARNING);
  await ann.page.unrouteAll();
  await expect.poll(() => ann.api.column(project, "Done")).toEqual(["One"]);
});
