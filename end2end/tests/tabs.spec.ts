// Many tabs of one browser: one socket, the same board in all of them, and a way on when the tab with the socket goes.

import type { BrowserContext, Page } from "@playwright/test";
import { BoardPage } from "../harness/board.ts";
import { METRICS_TOKEN } from "../harness/server.ts";
import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test, type Person } from "../harness/test.ts";
import type { Project } from "../harness/api.ts";

test.use({ ownServer: true });

/** Sockets that the server has, of all browsers. */
async function sockets(context: BrowserContext): Promise<number> {
  const { connections } = (await (await context.request.get("/health/realtime", { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })).json()) as { connections: number };
  return connections;
}

/** A tab with a board, and the board sockets that it has open. */
interface Tab {
  page: Page;
  board: BoardPage;
  open: Set<unknown>;
}

async function tabs(person: Person, project: Project, count: number): Promise<Tab[]> {
  const all: Tab[] = [];
  for (let n = 0; n < count; n += 1) {
    const page = n === 0 ? person.page : await person.context.newPage();
    const open = new Set();
    page.on("websocket", (socket) => {
      if (!socket.url().includes("/ws/projects/")) return;
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    });
    all.push({ page, board: await person.open(project, page), open });
  }
  return all;
}

function leader(all: Tab[]): Tab {
  const leaders = all.filter(({ open }) => open.size > 0);
  expect(leaders, "one tab has the socket").toHaveLength(1);
  return leaders[0] as Tab;
}

test("six tabs have one socket for the board and one for the bell, and show the same", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  const all = await tabs(ann, project, 6);
  leader(all);
  expect(await sockets(ann.context)).toBe(2);

  const last = all.at(-1) as Tab;
  await last.board.drag("One", { column: "Done" });
  for (const { board } of all) await board.shows("Done", ["One"]);
  await ann.api.createTask(project, { title: "Two" });
  for (const { board } of all) await board.shows("To do", ["Two"]);
  expect(await sockets(ann.context)).toBe(2);
});

test("the tab with the socket closes, and another one takes over", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  let all = await tabs(ann, project, 3);
  while (all.length > 1) {
    const gone = leader(all);
    await gone.page.close();
    all = all.filter((tab) => tab !== gone);
    await expect.poll(() => all.filter(({ open }) => open.size > 0).length).toBe(1);
    await ann.api.createTask(project, { title: `With ${all.length} left` });
    for (const { board } of all) {
      await expect(board.card(`With ${all.length} left`)).toBeVisible();
      await board.live();
    }
    await expect.poll(() => sockets(ann.context)).toBe(2);
  }
});

test("every tab shows the same state of the connection, and Retry in one of them brings all back", async ({
  people,
  server,
}) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  // Of the whole context: it jumps in all tabs at once.
  await ann.page.clock.install();
  const all = await tabs(ann, project, 3);
  await server.kill();
  for (const { board } of all) await board.offline();
  const follower = all.find(({ open }) => open.size === 0 && open !== all[0]?.open) as Tab;
  await follower.board.drag("One", { column: "Done" });
  await server.start();
  await follower.board.connection.getByRole("button", { name: /Retry/ }).click();
  for (const { board } of all) {
    await board.live();
    await board.shows("Done", ["One"]);
  }
  leader(all);
});

test("a browser without locks has a socket in each tab", async ({ people }) => {
  const ann = await people.register("Ann");
  await ann.context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
  const project = await projectWith(ann, ["One"]);
  const all = await tabs(ann, project, 2);
  expect(all.map(({ open }) => open.size)).toEqual([1, 1]);
  await (all[0] as Tab).board.drag("One", { column: "Done" });
  for (const { board } of all) await board.shows("Done", ["One"]);
});

test("signed out in one tab, signed out in all; signed in again, live again", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const all = await tabs(ann, project, 2);
  const [first, second] = all as [Tab, Tab];
  await ann.context.clearCookies();
  await first.board.drag("One", { column: "Done" });
  // Both tabs leave the board, and keep what was done on it.
  for (const { page } of all) await expect(page).toHaveURL(/\/login\?next=/);
  await hydrated(first.page);
  await hydrated(second.page);
  await first.page.getByLabel("E-mail").fill(ann.user.email);
  await first.page.getByLabel("Password").fill(ann.password);
  await first.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await first.board.live();
  await first.board.shows("Done", ["One"]);
  // The other tab comes back by itself.
  await second.board.live();
  await second.board.shows("Done", ["One"]);
  await expect.poll(() => sockets(ann.context), "a socket for the board and one for the bell").toBe(2);
});
