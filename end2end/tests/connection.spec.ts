// The connection breaks: it is shown, nothing is lost, and it heals without a reload.

import { expect, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test, type Person } from "../harness/test.ts";

test.use({ ownServer: true });

/** Fails when the page was loaded anew after this. */
async function neverReloads(person: Person): Promise<() => Promise<void>> {
  await person.page.evaluate(() => Object.assign(window, { sameDocument: true }));
  return async () => expect(await person.page.evaluate(() => "sameDocument" in window), "no reload").toBe(true);
}

test("a restarted server: the break is shown, then Live, and the board is current", async ({ people, server }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  for (const person of [ann, bob]) person.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One", "Two"], [[bob, "editor"]]);
  const board = await ann.open(project);
  const sameDocument = await neverReloads(ann);
  const task = (await ann.api.board(project)).tasks.find(({ title }) => title === "One");

  await server.stop();
  await expect(board.connection).toHaveAttribute("data-state", /connecting|offline/);
  await expect(board.connection).toContainText(/Reconnecting [1-5]\/5|Offline/);

  // What happens while Ann cannot see it.
  await ann.context.setOffline(true);
  await server.start();
  await bob.api.createTask(project, { title: "Meanwhile" });
  const done = (await bob.api.board(project)).statuses.find(({ name }) => name === "Done");
  await bob.api.moveTask(task?.id ?? "", { status_id: done?.id ?? "" });
  await ann.context.setOffline(false);

  await board.live();
  await board.shows("To do", ["Two", "Meanwhile"]);
  await board.shows("Done", ["One"]);
  await sameDocument();
});

test("a killed server: what is done meanwhile is kept, and arrives once", async ({ people, server }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  const sameDocument = await neverReloads(ann);

  await server.kill();
  await expect(board.connection).toHaveAttribute("data-state", /connecting|offline/);
  await board.drag("One", { column: "Done" });
  await board.add("To do", ["Written while offline"]);
  await board.shows("Done", ["One"]);
  await board.shows("To do", ["Two", "Written while offline"]);
  await expect(board.connection).toHaveAttribute("data-pending", "2");

  await server.start();
  const retry = board.connection.getByRole("button", { name: /Retry/ });
  await expect(board.connection).toHaveAttribute("data-state", /live|offline/, { timeout: 30_000 });
  if (await retry.isVisible()) await retry.click();
  await board.live();
  await board.shows("Done", ["One"]);
  await board.shows("To do", ["Two", "Written while offline"]);
  expect(await ann.api.column(project, "Done")).toEqual(["One"]);
  expect(await ann.api.column(project, "To do")).toEqual(["Two", "Written while offline"]);
  await sameDocument();
});

test("five failed attempts are Offline, and Retry is Live again", async ({ people, server }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  // What the page says when it opens a socket: a page that is offline still looks for the server every 30 s.
  await ann.page.addInitScript(() => {
    const said: (string | undefined)[] = ((globalThis as unknown as { said: unknown[] }).said = []);
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        if (!String(url).includes("/ws/projects/")) return;
        said.push(document.querySelector<HTMLElement>("[data-testid=connection]")?.dataset.state);
      }
    };
  });
  await ann.page.clock.install();
  const board = await ann.open(project);
  const sameDocument = await neverReloads(ann);
  await ann.page.evaluate(() => ((globalThis as unknown as { said: unknown[] }).said.length = 0));

  await server.kill();
  await board.offline();
  await expect(board.connection).toContainText("Offline");
  const said = await ann.page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
  expect(said.filter((state) => state !== "offline")).toHaveLength(5);

  await server.start();
  await board.connection.getByRole("button", { name: /Retry/ }).click();
  await board.live();
  await board.shows("To do", ["One"]);
  await sameDocument();
});

test("a browser that comes online connects at once", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  await ann.context.setOffline(true);
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  await board.shows("Done", ["One"]);
  await ann.context.setOffline(false);
  await board.live();
  await expect.poll(() => ann.api.column(project, "Done")).toEqual(["One"]);
});

test("a laptop that slept: the socket that died meanwhile is given up, and the board catches up", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two"]);
  // A connection that breaks without a word: what either side says gets lost from then on.
  let sockets = 0;
  let lost = 0;
  await ann.page.routeWebSocket(/\/ws\//, (page) => {
    sockets += 1;
    const number = sockets;
    const server = page.connectToServer();
    page.onMessage((message) => void (number > lost && server.send(message)));
    server.onMessage((message) => void (number > lost && page.send(message)));
  });
  await ann.page.clock.install();
  const board = await ann.open(project);
  const sameDocument = await neverReloads(ann);
  lost = sockets;
  const [one] = (await ann.api.board(project)).tasks;
  await ann.api.updateTask(one?.id ?? "", { title: "Renamed while it slept" });
  await expect(board.connection).toHaveAttribute("data-state", "live");
  // As if the lid had been shut: the wall clock jumps, and each timer that came due fires once.
  await ann.page.clock.fastForward("02:00:00");
  await expect(board.card("Renamed while it slept")).toBeVisible();
  await board.live();
  await board.drag("Two", { column: "Done" });
  await expect.poll(() => ann.api.column(project, "Done")).toEqual(["Two"]);
  await sameDocument();
});
