// What others do is said with their names: on the card, while one drags it, and, where it is wanted, aloud.

import { expect, hydrated, LOST_CONNECTION, pair, REFUSED_REQUEST, test } from "../harness/test.ts";

test("the ring of somebody else's change names them", async ({ people }) => {
  const { ann, bob, project } = await pair(people, ["One", "Two"]);
  const ring = ann.page.locator("[data-touched=Bob]");
  const { statuses, tasks } = await ann.api.board(project);
  const [one, done] = [tasks.find(({ title }) => title === "One")?.id, statuses.find(({ name }) => name === "Done")?.id];
  // Not by the page: while Bob is at a card, another mark on it has his name.
  await bob.api.moveTask(one ?? "", { status_id: done ?? "" });
  await expect(ring.getByTestId("task-card")).toContainText("One");
  const said = await ring
    .evaluate((slot) => (slot.hasAttribute("data-touched") ? getComputedStyle(slot, "::before").content : "gone"))
    .catch(() => "gone");
  expect(said).toMatch(/"Bob"|gone/);
  await expect(ring, "and fades").toHaveCount(0);
  await expect(bob.page.locator("[data-touched]"), "oneself is not told").toHaveCount(0);
  expect(await ann.api.column(project, "Done")).toEqual(["One"]);
});

test("a card that is moved while one drags it: who did it, and the drop decides", async ({ people }) => {
  const { ann, bob, project, annsBoard } = await pair(people, ["One", "Two"]);
  const { statuses, tasks } = await ann.api.board(project);
  const [one, two] = ["One", "Two"].map((title) => tasks.find((task) => task.title === title)?.id ?? "");
  const done = statuses.find(({ name }) => name === "Done")?.id ?? "";
  await annsBoard.hold("One", { column: "In progress" });
  await bob.api.moveTask(two ?? "", { status_id: done });
  await annsBoard.shows("Done", ["Two"]);
  await expect(annsBoard.toasts, "another card is no news").toHaveCount(0);
  await bob.api.moveTask(one ?? "", { status_id: done });
  await expect(annsBoard.toasts).toContainText("Bob just moved “One” to Done. It goes where you drop it.");
  await ann.page.mouse.up();
  await annsBoard.shows("In progress", ["One"]);
  await annsBoard.settled();
  expect(await ann.api.column(project, "In progress")).toEqual(["One"]);

  // Put back, it stays where the other one has put it.
  await annsBoard.hold("One", { column: "To do" });
  await bob.api.moveTask(one ?? "", { status_id: done });
  await annsBoard.shows("Done", ["Two", "One"]);
  await ann.page.keyboard.press("Escape");
  await expect(annsBoard.announcement).toHaveText("One stays in Done, where Bob moved it.");
  await ann.page.mouse.up();
  await annsBoard.shows("Done", ["Two", "One"]);
});

test("who deletes a card while one drags it is named", async ({ people }) => {
  const { ann, annsBoard, bobsBoard } = await pair(people, ["One", "Two"]);
  await annsBoard.hold("One", { column: "Done" });
  await bobsBoard.remove("One");
  await expect(annsBoard.announcement).toHaveText("Bob deleted One. Nothing was moved.");
  await ann.page.mouse.up();
});

test("another role, and none, are said in words", async ({ people }) => {
  const { ann, bob, project, bobsBoard } = await pair(people, ["One"]);
  bob.expects(REFUSED_REQUEST, LOST_CONNECTION);
  await expect(bobsBoard.toasts).toHaveCount(0);
  await ann.api.setRole(project, bob.user, "viewer");
  await expect(bobsBoard.toasts.first()).toContainText("You now have view-only access to this board.");
  await ann.api.setRole(project, bob.user, "editor");
  await expect(bobsBoard.toasts.first()).toContainText("You can now edit this board.");
  await ann.api.setRole(project, bob.user, "owner");
  await expect(bobsBoard.toasts.first()).toContainText("You're now an owner of this project.");
  await ann.api.setRole(project, bob.user, "editor");
  await expect(bobsBoard.toasts.first()).toContainText("You're now an editor of this project, no longer an owner.");
  await ann.api.removeMember(project, bob.user);
  await expect(bobsBoard.toasts.first()).toContainText("You no longer have access to “Project");
  await expect(bobsBoard.toasts.filter({ hasText: "view-only" }).first(), "removal is no new role").not.toBeVisible();
});

test("a new card is announced, and others' changes where that is wanted", async ({ people }) => {
  const { ann, bob, project, annsBoard, bobsBoard } = await pair(people, ["One", "Two"]);
  await annsBoard.column("To do").getByTestId("add-task").click();
  await ann.page.keyboard.type("Three");
  await ann.page.keyboard.press("Enter");
  await expect(annsBoard.announcement).toContainText("Added “Three” to To do.");

  const said = ann.page.getByTestId("others-said");
  await bobsBoard.drag("One", { column: "Done" });
  await annsBoard.shows("Done", ["One"]);
  await expect(said, "off until it is wanted").toHaveText("");

  await ann.page.goto("/account");
  await hydrated(ann.page);
  const choice = ann.page.getByRole("switch", { name: "Announce other people's changes" });
  await expect(choice).not.toBeChecked();
  await choice.focus();
  await ann.page.keyboard.press("Space");
  await expect(choice).toBeChecked();
  await ann.page.reload();
  await hydrated(ann.page);
  await expect(choice, "kept").toBeChecked();

  await annsBoard.open(project);
  await bobsBoard.drag("Two", { column: "Done" });
  await expect(said).toHaveText("Bob moved “Two” to Done.");
  await bob.api.createTask(project, { title: "Four" });
  await expect(said).toHaveText("Bob added “Four” to To do.");
  await bobsBoard.remove("Four");
  await expect(said).toHaveText("Bob deleted “Four”.");
});
