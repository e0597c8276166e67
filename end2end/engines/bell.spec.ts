// What concerns one arrives, wherever one is.

import { Key, projectWith, test } from "../harness/webdriver/test.ts";

test("a mention that is picked there arrives here, and leads to its card", async ({ ann, bob }) => {
  const project = await projectWith(ann, ["One", "Two"], [[bob, "editor"]]);
  await ann.goto("/");
  const bell = ann.browser.part("[data-testid=bell]");
  await bell.has("data-unread", "0");

  const panel = await (await bob.open(project)).openCard("Two");
  const composer = panel.part("[data-testid=comment-composer] textarea");
  await composer.type("Have a look, @an");
  await panel.part("[role=listbox] [role=option]", { text: "Ann" }).shown(1);
  await composer.type(Key.ENTER);
  await composer.holds("Have a look, @Ann ");
  await bob.browser.chord(Key.CONTROL, Key.ENTER);
  await panel.part("[data-testid=comment]", { text: "Have a look" }).shown(1);

  await bell.has("data-unread", "1");
  await ann.browser.part("[data-testid=bell-said]").says("Bob");
  await bell.click();
  await ann.browser.part("[data-testid=notification]", { text: "Bob" }).click();
  await ann.browser.part("#task-title").holds("Two");
  await ann.browser.part("[data-testid=comment]", { text: "Have a look" }).shown(1);
  await bell.has("data-unread", "0");
});
