// A card's panel and what people say in it.

import { Key, projectWith, test } from "../harness/webdriver/test.ts";

test("the panel opens by keys, has an address, and gives the focus back", async ({ ann }) => {
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  await board.card("Two").focus();
  await ann.browser.press(Key.ENTER);
  await board.panel.part("#task-title").holds("Two");
  await ann.browser.press(Key.ESCAPE);
  await board.panel.gone();
  await board.card("Two").focused();

  await ann.browser.press(Key.ENTER);
  await board.panel.part("#task-title").holds("Two");
  await ann.browser.driver.navigate().refresh();
  await board.live();
  await board.panel.part("#task-title").holds("Two");
});

test("a comment shows at once here and there, with its Markdown", async ({ ann, bob }) => {
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const [here, there] = [await ann.open(project), await bob.open(project)];
  const [anns, bobs] = [await here.openCard("One"), await there.openCard("One")];
  const composer = anns.part("[data-testid=comment-composer] textarea");
  await composer.type("**Ready** for review");
  await ann.browser.chord(Key.CONTROL, Key.ENTER);
  await composer.holds("");
  for (const panel of [anns, bobs]) await panel.part("[data-testid=comment] strong", { text: "Ready" }).shown(1);
  await bobs.part("[data-testid=comment-composer] textarea").type("Looks good");
  await bob.browser.chord(Key.CONTROL, Key.ENTER);
  await anns.part("[data-testid=comment]", { text: "Looks good" }).shown(1);
  for (const board of [here, there]) await board.card("One").part("[data-testid=comment-count]").says("2");
});
