// Text in any script and of any length: nothing is cut, and it is found as its readers write it.

import { expect, projectWith, test } from "../harness/test.ts";

test("a title that is too long is neither cut nor added", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  const board = await ann.open(project);
  await board.column("To do").getByTestId("add-task").click();
  const field = board.column("To do").getByRole("textbox");
  await ann.page.keyboard.insertText("x".repeat(700));
  await expect(field).toHaveValue("x".repeat(700));
  await expect(field).toHaveAccessibleDescription("700 characters. At most 500 fit.");
  await field.press("Enter");
  await board.shows("To do", []);
  await field.fill("x".repeat(500));
  await field.press("Enter");
  await expect(board.cards("To do")).toHaveCount(1);
});

for (const [choice, titles] of [["1 card", ["One Two Three"]], ["3 cards", ["One", "Two", "Three"]]] as const) {
  test(`several pasted lines become ${choice}, as chosen`, async ({ people }) => {
    const ann = await people.register("Ann", { permissions: ["clipboard-read", "clipboard-write"] });
    const project = await projectWith(ann, []);
    const board = await ann.open(project);
    const column = board.column("To do");
    await column.getByTestId("add-task").click();
    await ann.page.evaluate(() => navigator.clipboard.writeText("One\r\n\n  Two\nThree\n"));
    await ann.page.keyboard.press("Control+V");
    const question = column.getByTestId("several-lines");
    await expect(question).toContainText("3 lines:");
    await ann.page.keyboard.press("Enter");
    await expect(question.getByRole("button", { name: "1 card" }), "Enter asks").toBeFocused();
    await board.shows("To do", []);
    await question.getByRole("button", { name: choice, exact: true }).press("Enter");
    await board.shows("To do", [...titles]);
    await board.settled();
    expect(await ann.api.column(project, "To do")).toEqual(titles);
  });
}

test("one line of several that is too long keeps all of them", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  const board = await ann.open(project);
  const column = board.column("To do");
  await column.getByTestId("add-task").click();
  await column.getByRole("textbox").fill(`One\n${"x".repeat(501)}`);
  await column.getByRole("button", { name: "2 cards" }).click();
  await expect(column.getByRole("alert")).toHaveText("Line 2: 501 characters. At most 500 fit.");
  await board.shows("To do", []);
});

test("the filter finds a title in other forms and cases", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["Große Straße", "Ｗｉｄｅ letters", "café", "ΟΔΟΣ"]);
  const board = await ann.open(project);
  const filter = ann.page.getByLabel("Filter cards by text");
  const visible = board.column("To do").locator("[data-testid=task-card]:visible");
  for (const [typed, title] of [["STRASSE", "Große Straße"], ["wide", "Ｗｉｄｅ letters"], ["CAFE\u0301", "café"], ["οδος", "ΟΔΟΣ"]] as const) {
    await filter.fill(typed);
    await expect(visible).toHaveCount(1);
    await expect(visible).toContainText(title);
  }
});

test("shortcuts work where the keyboard is not Latin, and never with AltGr or in a field", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  const { page } = ann;
  const composer = board.column("To do").getByRole("textbox");
  const press = async (key: string, code: string, more = {}) => {
    await page.evaluate(
      ([key, code, more]) => {
        const target = document.activeElement ?? document.body;
        target.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more }));
      },
      [key, code, more] as const,
    );
  };
  await press("ñ", "KeyN");
  await press("n", "KeyN", { modifierAltGraph: true });
  await press("n", "KeyN", { ctrlKey: true, altKey: true });
  await expect(composer).toHaveCount(0);
  await press("т", "KeyN");
  await expect(composer).toBeFocused();
  await press("ь", "KeyM");
  await expect(page.getByRole("dialog", { name: "Move" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await board.card("One").focus();
  await press("ь", "KeyM");
  await expect(page.getByRole("dialog", { name: "Move" })).toBeVisible();
});

test("text runs in the direction of its script", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["שלום עולם"]);
  const board = await ann.open(project);
  const panel = await board.openTask("שלום עולם");
  const direction = (element: Element) => getComputedStyle(element).direction;
  expect(await board.card("שלום עולם").locator(".card-title").evaluate(direction)).toBe("rtl");
  expect(await panel.panel.getByRole("textbox", { name: "Title" }).evaluate(direction)).toBe("rtl");
  await (await panel.editDescription()).fill("Left to right");
  expect(await panel.description.evaluate(direction)).toBe("ltr");
});
