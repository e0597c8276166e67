// Mentions of people who were chosen from the list, whatever letters stand around them.

import { expect, projectWith, test } from "../harness/test.ts";

test("whoever was chosen is told, in scripts that write no spaces, and the text stays plain for its writer", async ({ people }) => {
  const ann = await people.register("Ann");
  const lee = await people.register("李小龍");
  const tanaka = await people.register("田中");
  const som = await people.register("สมชาย");
  const project = await projectWith(ann, ["One"], [[lee, "editor"], [tanaka, "editor"], [som, "viewer"]]);
  const panel = await (await ann.open(project)).openTask("One");
  const list = panel.panel.getByRole("listbox", { name: "People to mention" });
  await expect(panel.composer).toHaveAttribute("placeholder", "Write a comment… @ to mention");
  for (const [before, typed, name, after] of [
    ["你好", "李", "李小龍", "你好"],
    ["", "田", "田中", "さん"],
    ["สวัสดี", "สม", "สมชาย", "ครับ"],
  ] as const) {
    await panel.composer.pressSequentially(`${before}@${typed}`);
    await expect(list.getByRole("option")).toHaveText([new RegExp(name)]);
    await panel.composer.press("Enter");
    await panel.composer.press("Backspace");
    await panel.composer.pressSequentially(after);
    await expect(panel.composer).toHaveValue(`${before}@${name}${after}`);
    await expect(list, "what was chosen is not asked for again").toHaveCount(0);
    await panel.composer.press("Control+Enter");
    await expect(panel.comments.last().locator(".mention")).toHaveText(`@${name}`);
    await expect(panel.comments.last().locator(".prose")).toHaveText(`${before}@${name}${after}`);
  }
  for (const person of [lee, tanaka, som]) expect((await person.api.notifications()).unread).toBe(1);
});

test("of two with one name, and of names that begin alike, only the one who was chosen, also after an edit", async ({ people }) => {
  const ann = await people.register("Ann");
  const [bob, other, bobby] = [await people.register("Bob"), await people.register("Bob"), await people.register("Bobby")];
  const project = await projectWith(ann, ["One"], [[bob, "editor"], [other, "editor"], [bobby, "editor"]]);
  const panel = await (await ann.open(project)).openTask("One");
  const options = panel.panel.getByRole("listbox", { name: "People to mention" }).getByRole("option");
  await panel.composer.pressSequentially("@bob");
  await expect(options).toHaveCount(3);
  const addresses = await options.allInnerTexts();
  const at = addresses.findIndex((text) => text.includes(other.user.email));
  for (let n = 0; n < at; n += 1) await panel.composer.press("ArrowDown");
  await panel.composer.press("Enter");
  await panel.composer.pressSequentially("by the way");
  await panel.composer.press("Control+Enter");
  await expect(panel.comments.locator(".mention")).toHaveAttribute("data-user-id", other.user.id);
  expect((await other.api.notifications()).unread).toBe(1);

  await panel.comments.hover();
  await panel.comments.getByRole("button", { name: "Edit comment" }).click();
  const field = panel.panel.getByRole("textbox", { name: "Edit comment" });
  await expect(field).toHaveValue("@Bob by the way");
  await field.press("End");
  await field.pressSequentially("!");
  await field.press("Control+Enter");
  await expect(panel.comments.locator(".prose")).toHaveText("@Bob by the way!");
  await expect(panel.comments.locator(".mention")).toHaveAttribute("data-user-id", other.user.id);
  for (const person of [bob, bobby]) expect((await person.api.notifications()).unread).toBe(0);
  expect((await other.api.notifications()).unread).toBe(1);
});

test("one is never offered oneself first", async ({ people }) => {
  const ann = await people.register("Ann");
  const anna = await people.register("Anna");
  const project = await projectWith(ann, ["One"], [[anna, "viewer"]]);
  const panel = await (await ann.open(project)).openTask("One");
  const options = panel.panel.getByRole("listbox", { name: "People to mention" }).getByRole("option");
  await panel.composer.pressSequentially("@");
  await expect(options).toHaveText([/Anna/, /Ann/]);
  await panel.composer.pressSequentially("ann");
  await expect(options).toHaveText([/Anna/, /Ann/]);
});
