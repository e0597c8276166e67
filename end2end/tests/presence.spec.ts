// Who is at which card: on the cards of everybody else's board.

import { expect, projectWith, test } from "../harness/test.ts";

test("who drags or edits a card is named on it, and no longer once they stop or leave", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One", "Two"], [[bob, "editor"]]);
  const [annsBoard, bobsBoard] = [await ann.open(project), await bob.open(project)];

  await bobsBoard.hold("One", { column: "Done" });
  await expect(annsBoard.card("One")).toHaveAccessibleName(/Bob is moving/);
  await expect(bobsBoard.page.getByText("is moving"), "oneself is not told").toHaveCount(0);
  await bobsBoard.page.mouse.up();
  await annsBoard.shows("Done", ["One"]);
  await expect(annsBoard.page.getByText("Bob is moving")).toHaveCount(0);

  const panel = await bobsBoard.openTask("Two");
  await panel.panel.getByRole("textbox", { name: "Title" }).focus();
  await expect(annsBoard.card("Two")).toHaveAccessibleName(/Bob is editing/);
  await expect(annsBoard.card("One")).not.toContainText("Bob");
  const others = (await annsBoard.openTask("Two")).panel.getByRole("list", { name: "Also here" });
  await expect(others).toContainText("Bob is editing");
  // With the panel open, another card is moved: Bob is still at this one.
  await bobsBoard.drag("One", { column: "In progress" });
  await annsBoard.shows("In progress", ["One"]);
  await expect(others.getByLabel("Bob")).toBeVisible();
  await expect(others).not.toContainText("editing");
  await ann.page.keyboard.press("Escape");
  await panel.panel.getByRole("textbox", { name: "Title" }).focus();
  // Who comes later is told, too.
  await ann.page.reload();
  await annsBoard.live();
  await expect(annsBoard.card("Two")).toContainText("Bob is editing");

  await bob.page.close();
  await expect(annsBoard.page.getByText("Bob is editing")).toHaveCount(0);
});
