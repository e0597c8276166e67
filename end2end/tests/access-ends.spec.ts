// What a browser keeps of a board ends with the access to it, in whichever way that ends. What somebody did stays theirs.

import type { Page } from "@playwright/test";
import { Api, type Project } from "../harness/api.ts";
import { inBothThemes } from "../harness/axe.ts";
import { BoardPage } from "../harness/board.ts";
import { stored } from "../harness/stored.ts";
import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test, type Person } from "../harness/test.ts";

test.use({ ownServer: true, serviceWorkers: "allow" });

/** Boards that this browser has stored, by their keys, and pages that its service worker has kept. */
function copies(page: Page): Promise<{ boards: string[]; pages: string[] }> {
  return page.evaluate(async () => {
    const boards = await new Promise<string[]>((resolve, reject) => {
      const opening = indexedDB.open("lockstep", 1);
      opening.onerror = reject;
      opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
      opening.onsuccess = () => {
        const range = IDBKeyRange.bound("board/", "board/\uffff");
        const keys = opening.result.transaction("kept").objectStore("kept").getAllKeys(range);
        keys.onerror = reject;
        keys.onsuccess = () => {
          opening.result.close();
          resolve(keys.result.map(String));
        };
      };
    });
    const pages: string[] = [];
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys()) {
        const { pathname } = new URL(url);
        if (pathname === "/" || pathname.startsWith("/projects/")) pages.push(pathname);
      }
    }
    return { boards, pages };
  });
}

const NOTHING = { boards: [], pages: [] };

/** Waits until the browser has copies of a board, its page and the list. */
async function kept(person: Person, project: Project): Promise<void> {
  await expect
    .poll(async () => {
      const { boards, pages } = await copies(person.page);
      return boards.includes(`board/${person.user.id}/${project.id}`) && pages.includes(`/projects/${project.id}`) && pages.includes("/");
    })
    .toBe(true);
}

/** Ann with one board open, of which her browser has copies, and a second tab of it. */
async function annsBoard(people: { register: (name: string) => Promise<Person> }, titles: string[]) {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST, LOST_CONNECTION);
  const project = await projectWith(ann, titles);
  const board = await ann.open(project);
  await kept(ann, project);
  return { ann, project, board };
}

/** The tab is at the sign-in page, and has nothing of the board: not on the page, not stored, not behind the back button. */
async function nothingLeft(page: Page, project: Project, title: string): Promise<void> {
  await expect(page).toHaveURL(/\/login/);
  await hydrated(page);
  await expect(page.getByText(title)).toHaveCount(0);
  await expect.poll(() => copies(page)).toEqual(NOTHING);
  await page.goBack({ waitUntil: "commit" }).catch(() => null);
  await expect(page.getByText(title)).toHaveCount(0);
  expect(await page.content()).not.toContain(title);
  await page.goto(`/projects/${project.id}`);
  await expect(page).toHaveURL(/\/login\?next=/);
}

async function signIn(page: Page, { user, password }: Person): Promise<void> {
  await hydrated(page);
  await page.getByLabel("E-mail").fill(user.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("after signing out no tab shows the board, nor does the back button", async ({ people }) => {
  const { ann, project } = await annsBoard(people, ["Plan of Ann"]);
  const second = await ann.context.newPage();
  await second.goto("/account");
  await ann.open(project, second);
  const third = await ann.context.newPage();
  await third.goto("/oversight/workload");
  await hydrated(third);
  await ann.page.getByRole("button", { name: /^Account of/ }).click();
  await ann.page.getByRole("button", { name: "Sign out" }).click();
  for (const page of [ann.page, second, third]) await nothingLeft(page, project, "Plan of Ann");
});

test("a password that was changed on another device ends what this browser keeps, but not what waits", async ({ people }) => {
  const { ann, project, board } = await annsBoard(people, ["Plan of Ann", "Two"]);
  const elsewhere = await people.elsewhere(ann);
  // A server that answers no writes: what Ann does waits.
  await ann.page.route("**/api/tasks/**", (route) => (route.request().method() === "PATCH" ? route.abort() : route.continue()));
  await board.drag("Two", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  // And she is in the middle of a sentence.
  const panel = await board.openTask("Plan of Ann");
  await (await panel.editDescription()).fill("Half a thought");
  const fresh = "another password of Ann";
  const answer = await elsewhere.context.request.post("/api/auth/password", { data: { current: ann.password, password: fresh } });
  expect(answer.status()).toBe(204);
  await nothingLeft(ann.page, project, "Plan of Ann");
  expect(await stored(ann.page), "what waits is still there").toBe(1);
  await ann.page.unroute("**/api/tasks/**");
  await signIn(ann.page, { ...ann, user: ann.user, password: fresh } as Person);
  await expect(ann.page).toHaveURL(new RegExp(`/projects/${project.id}`));
  await board.live();
  await expect.poll(() => elsewhere.api.column(project, "Done")).toEqual(["Two"]);
  const plan = (await elsewhere.api.board(project)).tasks.find(({ title }) => title === "Plan of Ann");
  await expect.poll(async () => (await elsewhere.api.task(plan?.id ?? "")).description).toBe("Half a thought");
});

test("an account that the operator disables leaves nothing in its browser", async ({ people, server }) => {
  const { ann, project } = await annsBoard(people, ["Plan of Ann"]);
  await server.operator("user", "disable", ann.user.email);
  // Without Redis the server finds out by itself.
  await expect(ann.page).toHaveURL(/\/login/, { timeout: 45_000 });
  await nothingLeft(ann.page, project, "Plan of Ann");
});

test("a session that ended while nobody was looking leaves nothing either", async ({ people }) => {
  const { ann, project } = await annsBoard(people, ["Plan of Ann"]);
  await ann.page.goto("about:blank");
  const { cookies } = await ann.context.storageState();
  const elsewhere = await people.elsewhere(ann);
  await elsewhere.context.request.post("/api/auth/password", { data: { current: ann.password, password: "another password" } });
  expect(cookies.map((cookie) => cookie.name).sort()).toEqual(["lockstep_device", "lockstep_session"]);
  // The answer of the server is what tells the service worker, before any script of the page runs.
  await ann.page.goto(`/projects/${project.id}`);
  await nothingLeft(ann.page, project, "Plan of Ann");
  await ann.context.setOffline(true);
  await expect(ann.page.goto(`/projects/${project.id}`)).rejects.toThrow(/ERR_/);
  await ann.context.setOffline(false);
});

test("who is removed from a project loses the copies of that one, and of no other", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  bob.expects(REFUSED_REQUEST, LOST_CONNECTION);
  const lost = await projectWith(ann, ["Secret plan"], [[bob, "editor"]]);
  const own = await projectWith(bob, ["Own card"]);
  await bob.open(own);
  await kept(bob, own);
  const board = await bob.open(lost);
  await kept(bob, lost);
  await ann.api.removeMember(lost, bob.user);
  await expect(board.connection).toContainText("No access");
  expect(await inBothThemes(board.page)).toEqual([]);
  await expect
    .poll(() => copies(bob.page))
    .toEqual({ boards: [`board/${bob.user.id}/${own.id}`], pages: expect.not.arrayContaining([`/projects/${lost.id}`]) });
  // The list is kept as it is now.
  await expect.poll(async () => (await copies(bob.page)).pages.toSorted()).toEqual(["/", `/projects/${own.id}`]);
  await bob.context.setOffline(true);
  await bob.page.goto("/");
  await expect(bob.page.getByRole("link", { name: own.name })).toBeVisible();
  await expect(bob.page.getByText(lost.name)).toHaveCount(0);
  await bob.page.goto(`/projects/${own.id}`);
  await expect(new BoardPage(bob.page).card("Own card")).toBeVisible();
  await expect(bob.page.goto(`/projects/${lost.id}`)).rejects.toThrow(/ERR_/);
  await bob.context.setOffline(false);
});

test("a removal that happened while the board was closed is noticed when it is asked for", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  bob.expects(REFUSED_REQUEST, LOST_CONNECTION);
  const lost = await projectWith(ann, ["Secret plan"], [[bob, "editor"]]);
  await bob.open(lost);
  await kept(bob, lost);
  await bob.page.goto("/account");
  await ann.api.removeMember(lost, bob.user);
  expect((await bob.page.goto(`/projects/${lost.id}`))?.status()).toBe(404);
  await expect.poll(async () => (await copies(bob.page)).pages).not.toContain(`/projects/${lost.id}`);
});

test("the next user of a browser sees nothing of the one before, and what that one did waits for them", async ({ people, server }) => {
  const { ann, project, board } = await annsBoard(people, ["Plan of Ann", "Two"]);
  const bea = await people.register("Bea");
  await ann.page.route("**/api/tasks/**", (route) => route.abort());
  await board.drag("Two", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  await expect.poll(() => stored(ann.page)).toBe(1);
  // Ann's session is gone without a word, as with a cleared cookie; Bea signs in on the page to which that leads.
  await ann.context.clearCookies();
  await ann.page.reload();
  await expect(ann.page).toHaveURL(/\/login/);
  await signIn(ann.page, bea);
  await expect(ann.page.getByRole("button", { name: "Account of Bea" }).or(ann.page.getByRole("heading", { name: "Project not found" }))).toBeVisible();
  await ann.page.goto("/");
  await hydrated(ann.page);
  await expect(ann.page.getByText(project.name)).toHaveCount(0);
  const { boards, pages } = await copies(ann.page);
  expect(boards.filter((key) => key.includes(ann.user.id))).toEqual([]);
  expect(pages).not.toContain(`/projects/${project.id}`);
  expect(await stored(ann.page), "what Ann did waits").toBe(1);
  // Not even without a server.
  await server.stop();
  await expect(ann.page.goto(`/projects/${project.id}`)).rejects.toThrow(/ERR_/);
  await server.start();

  // Ann again: it is sent, as hers.
  await ann.page.unroute("**/api/tasks/**");
  await new Api(ann.context.request).login({ email: ann.user.email, password: ann.password });
  await ann.page.goto(`/projects/${project.id}`);
  await board.live();
  await expect.poll(() => ann.api.column(project, "Done")).toEqual(["Two"]);
});

test("a server that cannot look up sessions ends nothing", async ({ people }) => {
  const { ann, project, board } = await annsBoard(people, ["Plan of Ann", "Two"]);
  // One 401 that the server does not stand by.
  let refused = 0;
  await ann.page.route("**/api/tasks/**", (route) => {
    refused += 1;
    return refused > 1 ? route.continue() : route.fulfill({ status: 401, json: { error: { code: "not_signed_in", message: "Sign in first.", field: null } } });
  });
  await board.drag("Two", { column: "Done" });
  await expect.poll(() => refused).toBe(1);
  await expect(ann.page).toHaveURL(new RegExp(`/projects/${project.id}$`));
  await board.shows("Done", ["Two"]);
  await ann.page.reload();
  await board.live();
  await expect.poll(() => ann.api.column(project, "Done")).toEqual(["Two"]);
});

test("copies that cannot be taken away are shown to nobody", async ({ people }) => {
  const { ann, project } = await annsBoard(people, ["Plan of Ann"]);
  await ann.page.addInitScript(() => {
    IDBObjectStore.prototype.delete = () => {
      throw new DOMException("no", "UnknownError");
    };
  });
  await ann.page.reload();
  await new BoardPage(ann.page).live();
  const elsewhere = await people.elsewhere(ann);
  await elsewhere.context.request.post("/api/auth/password", { data: { current: ann.password, password: "another password" } });
  await expect(ann.page).toHaveURL(/\/login/);
  await hydrated(ann.page);
  expect((await copies(ann.page)).boards, "the browser refused").toEqual([`board/${ann.user.id}/${project.id}`]);
  const mark = await ann.page.evaluate((user) => localStorage.getItem(`dropped:${user}/`), ann.user.id);
  expect(Number(mark)).toBeGreaterThan(0);
});

test("a page leaves nothing of itself in the back/forward cache", async ({ people }) => {
  const { ann } = await annsBoard(people, ["Plan of Ann"]);
  await ann.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  expect(await ann.page.locator("body").innerHTML()).toBe("");
  // Coming back from there asks the server.
  const loaded = ann.page.waitForEvent("load");
  await ann.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await loaded;
  await new BoardPage(ann.page).live();
});
