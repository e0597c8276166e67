// Boards that were left with something still to send: nobody has to open them again for it.

import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test, type Person } from "../harness/test.ts";
import type { BoardPage } from "../harness/board.ts";
import type { Project } from "../harness/api.ts";

interface Left {
  ann: Person;
  bob: Person;
  project: Project;
  board: BoardPage;
}

/** Ann has moved a card without a connection. */
async function moved(people: import("../harness/test.ts").People): Promise<Left> {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const project = await projectWith(ann, ["One", "Two"], [[bob, "editor"]]);
  const board = await ann.open(project);
  await ann.page.route("**/api/**", (route) => route.abort());
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  expect(await ann.api.column(project, "Done")).toEqual([]);
  return { ann, bob, project, board };
}

test("what waits is sent from the next page, and once", async ({ people }) => {
  const { ann, bob, project } = await moved(people);
  const other = await bob.open(project);
  const { seq } = await bob.api.board(project);
  await ann.page.getByRole("link", { name: "Lockstep, all projects" }).click();
  await expect(ann.page).toHaveURL(/\/$/);
  await ann.page.unrouteAll();
  await other.shows("Done", ["One"]);
  expect((await bob.api.board(project)).seq, "once").toBe(seq + 1);
  await expect(ann.page).toHaveURL(/\/$/);
});

test("a board that is opened again while something waits has it, and sends it once", async ({ people }) => {
  const { ann, bob, project, board } = await moved(people);
  const { seq } = await bob.api.board(project);
  await ann.page.getByRole("link", { name: "Lockstep, all projects" }).click();
  await expect(ann.page).toHaveURL(/\/$/);
  await ann.page.route("**/api/tasks/*/status", (route) => route.abort());
  await ann.page.unroute("**/api/**");
  await ann.page.goto("/");
  await hydrated(ann.page);
  await ann.page.getByRole("link", { name: project.name }).click();
  await board.shows("Done", ["One"]);
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  await ann.page.unrouteAll();
  await expect(board.connection).toHaveAttribute("data-pending", "0");
  expect((await bob.api.board(project)).seq, "once").toBe(seq + 1);
});

test("what a closed tab has left is sent from any page", async ({ people }) => {
  const { ann, bob, project } = await moved(people);
  const other = await bob.open(project);
  await ann.page.close();
  const page = await ann.context.newPage();
  await page.goto("/account");
  await hydrated(page);
  await other.shows("Done", ["One"]);
  expect(await bob.api.column(project, "To do")).toEqual(["Two"]);
});

test("what is refused then is said when its board is opened", async ({ people }) => {
  const { ann, bob, project } = await moved(people);
  const one = (await bob.api.board(project)).tasks.find(({ title }) => title === "One");
  await bob.api.deleteTask(one?.id ?? "");
  await ann.page.close();
  const page = await ann.context.newPage();
  const refused = page.waitForResponse(/\/api\/tasks\/.*\/status/);
  await page.goto("/account");
  expect((await refused).status()).toBe(404);
  await ann.open(project, page);
  await expect(page.getByTestId("unmade")).toContainText("was not moved.");
});
