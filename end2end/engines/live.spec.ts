// One board in two engines: what is done in one is seen in the other.

import { Key, projectWith, test } from "../harness/webdriver/test.ts";

test("cards are added and dragged by mouse and by keys here, and are there", async ({ ann, bob }) => {
  const project = await projectWith(ann, ["One", "Two"], [[bob, "editor"]]);
  const [here, there] = [await ann.open(project), await bob.open(project)];
  await here.add("To do", "Three");
  await there.shows("To do", ["One", "Two", "Three"]);

  await here.drag("One", "In progress");
  await there.shows("In progress", ["One"]);
  await here.drag("Three", "In progress");
  await there.shows("In progress", ["One", "Three"]);

  await here.dragByKeys("Two", Key.ARROW_RIGHT, Key.ARROW_DOWN);
  for (const board of [here, there]) {
    await board.shows("In progress", ["One", "Two", "Three"]);
    await board.shows("To do", []);
    await board.live();
  }
});

test("a colleague's move is seen, and takes no text away", async ({ ann, bob }) => {
  const project = await projectWith(ann, ["One", "Two"], [[bob, "editor"]]);
  const [here, there] = [await ann.open(project), await bob.open(project)];
  await here.column("To do").part("[data-testid=add-task]").click();
  const field = here.column("To do").part("textarea, input");
  await field.type("Half a tho");
  await there.drag("One", "Done");
  await here.shows("Done", ["One"]);
  await field.focused();
  await field.type("ught", Key.ENTER);
  await there.shows("To do", ["Two", "Half a thought"]);
});

test("who goes on before the next frame keeps the focus, and has it after a drop by keys", async ({ ann }) => {
  const board = await ann.open(await projectWith(ann, ["One", "Two"]));
  await board.column("To do").part("[data-testid=add-task]").click();
  await board.column("To do").part("textarea, input").focused();
  // Esc in the field, and the card, in one task: no frame is drawn between them, as on a busy machine.
  await ann.browser.driver.executeScript(`
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
    document.querySelector("[data-testid=task-card]").focus();`);
  await board.browser.press(Key.SPACE);
  await board.announcement.says("Picked up One");
  await board.browser.press(Key.ARROW_RIGHT, Key.SPACE);
  await board.shows("In progress", ["One"]);
  await board.card("One").focused();
});

test("Escape puts a card back that is dragged by the mouse or by keys", async ({ ann }) => {
  const board = await ann.open(await projectWith(ann, ["One", "Two"]));
  await board.pickUp("One");
  await board.browser.press(Key.ESCAPE);
  await board.announcement.says("One is back where it was");
  await board.browser.releaseMouse();
  await board.shows("To do", ["One", "Two"]);
  await board.card("Two").focus();
  await board.browser.press(Key.SPACE, Key.ARROW_RIGHT, Key.ESCAPE);
  await board.announcement.says("Two is back where it was");
  await board.shows("To do", ["One", "Two"]);
});
