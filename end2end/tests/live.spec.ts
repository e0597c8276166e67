// Two people, two browsers, one board: what one does, the other sees.

import { Gate } from "../harness/gate.ts";
import { expect, pair, projectWith, test, type Pair } from "../harness/test.ts";

/** Both browsers and the database agree, and nothing is unconfirmed. */
async function agreed({ ann, project, annsBoard, bobsBoard }: Pair, column: string, titles: string[]): Promise<void> {
  await annsBoard.shows(column, titles);
  await bobsBoard.shows(column, titles);
  await annsBoard.settled();
  await bobsBoard.settled();
  expect(await ann.api.column(project, column)).toEqual(titles);
}

test("cards that are added in place appear in the other browser, in order", async ({ people }) => {
  const two = await pair(people, ["Already here"]);
  await two.annsBoard.add("To do", ["First", "Second", "Third"]);
  await agreed(two, "To do", ["Already here", "First", "Second", "Third"]);
  await expect(two.bobsBoard.count("To do")).toHaveText(/^4 /);
});

test("an edited card changes in the other browser", async ({ people }) => {
  const two = await pair(people, ["Old title"]);
  const task = await two.annsBoard.openTask("Old title");
  await task.retitle("New title");
  await expect(two.bobsBoard.card("New title")).toBeVisible();
  await expect(two.bobsBoard.card("Old title")).toHaveCount(0);

  await task.choose("Priority", "Urgent");
  await expect(two.bobsBoard.card("New title")).toContainText("Urgent");
  await task.choose("Assignee", "Bob");
  await expect(two.bobsBoard.card("New title").getByText("Bob", { exact: true }).or(
    two.bobsBoard.card("New title").getByLabel("Bob"),
  )).toBeAttached();
  await two.annsBoard.settled();
});

test("a card that is dragged with the mouse moves in the other browser", async ({ people }) => {
  const two = await pair(people, ["One", "Two", "Three"]);
  await two.annsBoard.drag("One", { column: "In progress" });
  await agreed(two, "To do", ["Two", "Three"]);
  await agreed(two, "In progress", ["One"]);

  await two.bobsBoard.drag("Three", { column: "In progress", above: "One" });
  await agreed(two, "In progress", ["Three", "One"]);

  await two.annsBoard.drag("One", { column: "In progress", above: "Three" });
  await agreed(two, "In progress", ["One", "Three"]);
});

test("a dropped card is in its new place before the server has answered", async ({ people }) => {
  const two = await pair(people, ["Quick"]);
  const held = new Gate();
  await two.ann.page.route("**/api/tasks/*/status", async (route) => {
    await held.opened;
    await route.continue();
  });
  await two.annsBoard.drag("Quick", { column: "Done" });
  await two.annsBoard.shows("Done", ["Quick"]);
  await expect(two.annsBoard.card("Quick")).toHaveAttribute("data-pending", "");
  await expect(two.annsBoard.connection).toHaveAttribute("data-pending", "1");
  await two.bobsBoard.shows("Done", []);
  held.open();
  await agreed(two, "Done", ["Quick"]);
});

test("a card that is moved by the keyboard moves in the other browser, and every step is said", async ({ people }) => {
  const two = await pair(people, ["One", "Two", "Three"]);
  const { page } = two.annsBoard;
  await two.annsBoard.card("Two").focus();
  await page.keyboard.press("Space");
  await expect(two.annsBoard.announcement).toContainText("Two");
  await page.keyboard.press("ArrowRight");
  await expect(two.annsBoard.announcement).toContainText("In progress");
  await page.keyboard.press("Space");
  await agreed(two, "In progress", ["Two"]);
  await expect(two.annsBoard.card("Two")).toBeFocused();

  await two.annsBoard.card("Three").focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  await agreed(two, "To do", ["Three", "One"]);
});

test("Escape puts a lifted card back, by keyboard and by mouse", async ({ people }) => {
  const two = await pair(people, ["One", "Two"]);
  const { page } = two.annsBoard;
  await two.annsBoard.card("One").focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Escape");
  await agreed(two, "To do", ["One", "Two"]);

  await two.annsBoard.hold("One", { column: "Done" });
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await agreed(two, "To do", ["One", "Two"]);
  await agreed(two, "Done", []);
});

test("Move to… does without dragging what dragging does", async ({ people }) => {
  const two = await pair(people, ["One", "Two"]);
  await two.annsBoard.moveByMenu("Two", "In progress");
  await agreed(two, "In progress", ["Two"]);
  await agreed(two, "To do", ["One"]);
  await expect(two.annsBoard.card("Two")).toBeFocused();
  await two.annsBoard.moveByMenu("One", "In progress", "2 ·");
  await agreed(two, "In progress", ["Two", "One"]);
});

test("a deleted card goes in the other browser, and Undo brings it back to both", async ({ people }) => {
  const two = await pair(people, ["One", "Doomed", "Three"]);
  await two.annsBoard.remove("Doomed");
  await agreed(two, "To do", ["One", "Three"]);
  await two.annsBoard.toasts.getByRole("button", { name: "Undo" }).click();
  await agreed(two, "To do", ["One", "Doomed", "Three"]);
});

test("a card that somebody else deletes while it is dragged is let go of", async ({ people }) => {
  const two = await pair(people, ["Mine", "Theirs"]);
  await two.annsBoard.hold("Mine", { column: "Done" });
  await two.bobsBoard.remove("Mine");
  await expect(two.annsBoard.card("Mine")).toHaveCount(0);
  await expect(two.annsBoard.announcement).toContainText("Mine");
  await two.annsBoard.page.mouse.up();
  await agreed(two, "To do", ["Theirs"]);
  await agreed(two, "Done", []);
});

test("other people's changes take neither the focus nor what is being typed", async ({ people }) => {
  const two = await pair(people, ["One", "Two"]);
  const { page } = two.annsBoard;
  await two.annsBoard.column("To do").getByTestId("add-task").click();
  await page.keyboard.insertText("Half a tho");
  await two.bobsBoard.drag("One", { column: "Done" });
  await two.annsBoard.shows("Done", ["One"]);
  await two.bobsBoard.add("To do", ["Between"]);
  await two.annsBoard.shows("To do", ["Two", "Between"]);
  await page.keyboard.insertText("ught");
  await page.keyboard.press("Enter");
  await agreed(two, "To do", ["Two", "Between", "Half a thought"]);
});

test("two tabs of one user apply each event once", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two"]);
  const [one, other] = [await ann.context.newPage(), await ann.context.newPage()];
  const seqs: number[] = [];
  for (const page of [one, other]) {
    page.on("websocket", (socket) => {
      if (!socket.url().includes("/ws/projects/")) return;
      socket.on("framereceived", ({ payload }) => {
        const frame = JSON.parse(payload.toString()) as { type: string; seq?: number };
        if (frame.type !== "sync" && frame.seq !== undefined) seqs.push(frame.seq);
      });
    });
  }
  const first = await ann.open(project, one);
  const second = await ann.open(project, other);
  const before = (await ann.api.board(project)).seq;

  await first.add("To do", ["Three"]);
  await second.shows("To do", ["One", "Two", "Three"]);
  await second.drag("One", { column: "Done" });
  await first.shows("Done", ["One"]);
  await second.add("Done", ["Four"]);
  await first.shows("Done", ["One", "Four"]);

  for (const board of [first, second]) {
    await board.settled();
    await board.shows("To do", ["Two", "Three"]);
    await board.shows("Done", ["One", "Four"]);
    await expect(board.count("Done")).toHaveText(/^2 /);
  }
  expect(seqs, "each event came once for both, their own ones too, in order").toEqual([before + 1, before + 2, before + 3]);
});
