// The connection breaks, and heals without a reload.

import { expect, Key, NO_ANSWER, projectWith, test } from "../harness/webdriver/test.ts";

test("what is done offline is kept, and arrives once", async ({ ann, bob }) => {
  ann.expects(NO_ANSWER);
  const project = await projectWith(ann, ["One", "Two"], [[bob, "editor"]]);
  const [here, there] = [await ann.open(project), await bob.open(project)];
  const { seq } = await ann.api.board(project);
  ann.front.cut();
  await here.connection.has("data-state", /connecting|offline/);
  await here.add("To do", "Written offline");
  await here.dragByKeys("One", Key.ARROW_RIGHT);
  await here.connection.has("data-pending", "2");
  await here.shows("To do", ["Two", "Written offline"]);
  await there.shows("To do", ["One", "Two"]);

  ann.front.mend();
  await here.liveAgain();
  for (const board of [here, there]) {
    await board.shows("To do", ["Two", "Written offline"]);
    await board.shows("In progress", ["One"]);
  }
  expect((await ann.api.board(project)).seq, "each once").toBe(seq + 2);
});

test("a restarted server: the board is live again, and knows what it has missed", async ({ ann, server }) => {
  ann.expects(NO_ANSWER);
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  await ann.browser.driver.executeScript("window.sameDocument = true");
  await server.stop();
  await board.connection.has("data-state", /connecting|offline/);
  // What happens while this browser cannot see it.
  ann.front.cut();
  await server.start();
  const { statuses, tasks } = await ann.api.board(project);
  const done = statuses.find(({ name }) => name === "Done");
  await ann.api.moveTask(tasks[0]?.id ?? "", { status_id: done?.id ?? "" });
  ann.front.mend();
  await board.liveAgain();
  await board.shows("Done", ["One"]);
  await board.shows("To do", ["Two"]);
  expect(await ann.browser.driver.executeScript("return window.sameDocument"), "no reload").toBe(true);
});
