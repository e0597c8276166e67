// A backup that is put back: the log goes back in time, and others use its places again.

import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test, type People, type Person } from "../harness/test.ts";
import type { BoardPage } from "../harness/board.ts";
import type { Project } from "../harness/api.ts";
import type { Server } from "../harness/server.ts";

test.use({ ownServer: true, serviceWorkers: "allow" });

const LOST = ["Lost 1", "Lost 2", "Lost 3"];
const KEPT = ["Kept 1", "Kept 2", "Kept 3"];

interface World {
  ann: Person;
  bob: Person;
  project: Project;
  board: BoardPage;
  backup: string;
}

/** Ann sees cards that a backup does not have. */
async function world(people: People, server: Server): Promise<World> {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST, /status of 410/);
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  await server.stop();
  const backup = await server.backUp();
  await server.start();
  const board = await ann.open(project);
  for (const title of LOST) await ann.api.createTask(project, { title });
  await board.shows("To do", ["One", ...LOST]);
  return { ann, bob, project, board, backup };
}

/** The backup is put back, and others make as many cards as were lost. */
async function goBack(server: Server, { bob, project, backup }: World): Promise<void> {
  await server.restore(backup);
  await server.start();
  for (const title of KEPT) await bob.api.createTask(project, { title });
}

async function reconnected({ board }: World): Promise<void> {
  const retry = board.connection.getByRole("button", { name: /Retry/ });
  await expect(board.connection).toHaveAttribute("data-state", /live|offline/, { timeout: 40_000 });
  if (await retry.isVisible()) await retry.click();
  await board.live();
}

test("an open page shows what the server has, and not what it had", async ({ people, server }) => {
  const all = await world(people, server);
  const { ann, project, board } = all;
  const before = await ann.api.board(project);
  await ann.context.setOffline(true);
  await server.stop();
  await goBack(server, all);
  expect((await ann.api.board(project)).seq, "by its number it is the same log").toBe(before.seq);
  await ann.context.setOffline(false);
  await reconnected(all);
  await board.shows("To do", ["One", ...KEPT]);
  // It goes on from there, in both directions.
  await all.bob.api.createTask(project, { title: "Later" });
  await board.shows("To do", ["One", ...KEPT, "Later"]);
  await board.drag("Kept 1", { column: "Done" });
  await board.settled();
  expect(await ann.api.column(project, "Done")).toEqual(["Kept 1"]);
});

test("a board that the browser has stored does not bring back what was lost", async ({ people, server }) => {
  const all = await world(people, server);
  const { ann, project, board } = all;
  await expect
    .poll(() => ann.page.evaluate(async (path) => (await caches.match(path)) !== undefined, `/projects/${project.id}`))
    .toBe(true);
  await server.stop();
  await expect(board.connection).toHaveAttribute("data-state", /connecting|offline/);
  await ann.page.reload();
  await hydrated(ann.page);
  await board.shows("To do", ["One", ...LOST]);
  await board.add("To do", ["Mine"]);
  // Their cards are all there before hers arrives.
  await ann.context.setOffline(true);
  await goBack(server, all);
  await ann.context.setOffline(false);
  await reconnected(all);
  await board.shows("To do", ["One", ...KEPT, "Mine"]);
  expect(await ann.api.column(project, "To do")).toEqual(["One", ...KEPT, "Mine"]);
});
