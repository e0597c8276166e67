// On a phone, with a finger.

import { expect, hydrated, projectWith, test } from "../harness/test.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

test("a long press and a drag move a card, and the other browser shows it", async ({ people }) => {
  const ann = await people.register("Ann", { ...phone, viewport: { width: 1000, height: 800 } });
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One", "Two"], [[bob, "editor"]]);
  const [annsBoard, bobsBoard] = [await ann.open(project), await bob.open(project)];

  await annsBoard.dragByTouch("One", { column: "In progress" });
  for (const board of [annsBoard, bobsBoard]) {
    await board.shows("To do", ["Two"]);
    await board.shows("In progress", ["One"]);
    await board.settled();
  }
  expect(await ann.api.column(project, "In progress")).toEqual(["One"]);
});

test("a finger that moves at once scrolls the column, and drags nothing", async ({ people }) => {
  const ann = await people.register("Ann", phone);
  const titles = Array.from({ length: 30 }, (_, index) => `Card ${String(index + 1).padStart(2, "0")}`);
  const project = await projectWith(ann, titles);
  const board = await ann.open(project);
  await board.swipe(board.card("Card 08"), { x: 0, y: -300 });
  await expect(board.card("Card 01")).not.toBeInViewport();
  await board.shows("To do", titles);
  expect(await ann.api.column(project, "To do")).toEqual(titles);
});

test("a card moves without dragging", async ({ people }) => {
  const ann = await people.register("Ann", phone);
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  await board.moveByMenu("One", "Done");
  await board.settled();
  expect(await ann.api.column(project, "Done")).toEqual(["One"]);
});

test("no page is wider than the screen, and what is tapped is large enough", async ({ people }) => {
  const ann = await people.register("Ann", phone);
  const project = await projectWith(ann, ["One"]);
  for (const path of ["/", "/account", `/projects/${project.id}`, `/projects/${project.id}/settings`]) {
    await ann.page.goto(path);
    await hydrated(ann.page);
    await expect(ann.page.getByRole("banner")).toBeVisible();
    const width = await ann.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, path).toBeLessThanOrEqual(phone.viewport.width);
    const small = await ann.page
      .locator("button:visible, input:visible:not([type=radio], [type=checkbox]), select:visible")
      .evaluateAll((controls) =>
        controls
          .map((control) => ({ box: control.getBoundingClientRect(), control }))
          .filter(({ box }) => box.height < 39.5 && box.width > 1)
          .map(({ box, control }) => `${Math.round(box.width)}×${Math.round(box.height)} ${control.outerHTML.slice(0, 120)}`),
      );
    expect(small, path).toEqual([]);
  }
});
