// Making a project, and its settings: each change is on every open board at once.

import { expect, hydrated, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";
import { BoardPage } from "../harness/board.ts";

test("the first project leads to an empty board that is ready for cards", async ({ people }) => {
  const ann = await people.register("Ann");
  const { page } = ann;
  await page.goto("/");
  await hydrated(page);
  await page.getByLabel("Project name").fill("Kitchen");
  await page.getByRole("button", { name: "Create project" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Kitchen" })).toBeVisible();
  const board = new BoardPage(page);
  await board.live();
  await board.add("To do", ["Boil water"]);
  await board.shows("To do", ["Boil water"]);
  await board.shows("In progress", []);
  await board.shows("Done", []);
  await board.settled();

  await page.getByRole("link", { name: "Lockstep, all projects" }).click();
  await page.getByRole("link", { name: /Kitchen/ }).click();
  await board.live();
  await board.shows("To do", ["Boil water"]);
  // A board that was come to without a new document is as good.
  await board.drag("Boil water", { column: "Done" });
  await board.shows("Done", ["Boil water"]);
  await board.settled();
});

test("a renamed project and a new column are on the other board at once", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const bobsBoard = await bob.open(project);
  const { page } = ann;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);

  const name = page.getByRole("region", { name: "General" }).getByLabel("Name");
  await name.fill("Renamed");
  await name.press("Enter");
  await expect(bob.page.getByRole("heading", { level: 1, name: "Renamed" })).toBeVisible();

  const columns = page.getByRole("region", { name: "Columns" });
  await columns.getByLabel("New column").fill("Review");
  await columns.getByRole("button", { name: "Add column" }).click();
  await expect(bobsBoard.column("Review")).toBeVisible();
  await bobsBoard.drag("One", { column: "Review" });
  await bobsBoard.shows("Review", ["One"]);
  await bobsBoard.settled();
});

test("a member who is removed can no longer open the board", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  bob.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const { page } = ann;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  const members = page.getByRole("region", { name: "Members" });
  const row = members.getByRole("listitem").filter({ hasText: bob.user.email });
  await expect(row).toBeVisible();

  const bobsBoard = await bob.open(project);
  await bobsBoard.shows("To do", ["One"]);

  await row.getByRole("button", { name: "Remove Bob" }).click();
  await expect(row).toHaveCount(0);
  await expect(bob.page.getByText("You're no longer a member of this project.")).toBeVisible();
  const answer = await bob.page.goto(`/projects/${project.id}`);
  expect(answer?.status()).toBe(404);
});

test("who was removed is still named on their cards, and gets no other ones", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["His", "Free"], [[bob, "editor"]]);
  const [his] = (await ann.api.board(project)).tasks;
  await ann.api.assign(his?.id ?? "", bob.user);
  const board = await ann.open(project);
  await expect(board.card("His").getByLabel("Bob", { exact: true })).toBeVisible();

  await ann.api.removeMember(project, bob.user);
  const former = board.card("His").getByLabel("Bob (former member)");
  await expect(former).toBeVisible();
  await ann.page.reload();
  await board.live();
  await expect(former).toBeVisible();
  const { panel } = await board.openTask("His");
  await expect(panel.getByLabel("Assignee").locator("option:checked")).toHaveText("Bob (former member)");
  await board.card("Free").click();
  await expect(panel.getByLabel("Assignee").locator("option")).toHaveText(["Unassigned", "Ann"]);
});

test("a role that changes is felt on the open board", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "viewer"]]);
  const bobsBoard = await bob.open(project);
  await expect(bob.page.getByTestId("add-task")).toHaveCount(0);

  const { page } = ann;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  const row = page.getByRole("region", { name: "Members" }).getByRole("listitem").filter({ hasText: bob.user.email });
  await row.getByLabel("Role").selectOption("editor");
  await expect(bob.page.getByTestId("add-task")).toHaveCount(3);
  await bobsBoard.drag("One", { column: "Done" });
  await bobsBoard.settled();
  expect(await ann.api.column(project, "Done")).toEqual(["One"]);
});

test("a column with cards is not deleted, and the page says why", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const { page } = ann;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  const columns = page.getByRole("region", { name: "Columns" });
  await columns.getByRole("button", { name: "Delete To do" }).click();
  await expect(page.getByText("Move this column's cards first, then delete it.")).toBeVisible();
  expect((await ann.api.board(project)).statuses).toHaveLength(3);
});

test("a deleted project is gone for everybody", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  bob.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  await bob.open(project);
  const { page } = ann;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  await page.getByRole("button", { name: "Delete project" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete project" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Projects" })).toBeVisible();
  await expect(bob.page.getByText("You're no longer a member of this project.")).toBeVisible();
  const answer = await bob.page.goto(`/projects/${project.id}`);
  expect(answer?.status()).toBe(404);
});
