// On a phone, with a finger.

import { BoardPage } from "../harness/board.ts";
import { Proxy } from "../harness/proxy.ts";
import { expect, hydrated, LOST_CONNECTION, type Person, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

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

const NAME = "Spring campaign for the new shop";

/** How many letters of the project's name are in sight, before the ellipsis where there is one. */
function letters(person: Person): Promise<number> {
  return person.page.getByRole("heading", { level: 1 }).evaluate((name) => {
    const style = getComputedStyle(name);
    const pen = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const text = name.textContent ?? "";
    if (pen.measureText(text).width <= name.clientWidth) return text.length;
    let count = text.length;
    while (count > 0 && pen.measureText(`${text.slice(0, count)}…`).width > name.clientWidth) count -= 1;
    return count;
  });
}

/** The header is legible at each width: the name has room, nothing is cut off, and what is pressed is large enough. */
async function legible(person: Person, board: BoardPage, state: string, shot: (name: string) => string): Promise<void> {
  await expect(person.page.getByRole("heading", { level: 1, name: NAME })).toBeVisible();
  for (const width of [320, 360, 390, 560, 561, 640, 641, 760, 901, 1101]) {
    await person.page.setViewportSize({ width, height: 844 });
    if (width === 390) await person.page.screenshot({ path: shot(`${state}.png`), clip: { x: 0, y: 0, width, height: 120 } });
    const where = `${state} at ${width} px`;
    expect.soft(await letters(person), `letters of the name: ${where}`).toBeGreaterThanOrEqual(8);
    expect.soft(await person.page.evaluate(() => document.documentElement.scrollWidth), where).toBeLessThanOrEqual(width);
    for (const control of await board.connection.locator("a, button").all()) {
      const box = await control.boundingBox();
      expect.soft(box?.height, `height: ${where}`).toBeGreaterThanOrEqual(44);
      expect.soft(box?.width, `width: ${where}`).toBeGreaterThanOrEqual(44);
      expect.soft((box?.x ?? 0) + (box?.width ?? 0), `in sight: ${where}`).toBeLessThanOrEqual(width);
    }
  }
  await person.page.setViewportSize(phone.viewport);
}

test.describe("the name of the project is legible", () => {
  test.use({ ownServer: true });

  test("while sockets are blocked", async ({ people, server }, info) => {
    const ann = await people.register("Ann", phone);
    ann.expects(LOST_CONNECTION);
    const project = await ann.api.createProject(NAME);
    const proxy = await Proxy.before(server, "refuse");
    await ann.page.goto(`${proxy.url}/projects/${project.id}`);
    await hydrated(ann.page);
    const board = new BoardPage(ann.page);
    const retry = board.connection.getByRole("button", { name: /^Live updates blocked · Retry$/ });
    await expect(retry, "its name is whole").toBeVisible({ timeout: 16_000 });
    await legible(ann, board, "polling", (name) => info.outputPath(name));
    proxy.become("pass");
    await retry.tap();
    await board.live();
    await legible(ann, board, "live", (name) => info.outputPath(name));
    await proxy.close();
  });

  test("while the page connects again, and without a connection", async ({ people, server }, info) => {
    const ann = await people.register("Ann", phone);
    ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
    const project = await ann.api.createProject(NAME);
    await ann.page.clock.install();
    const board = await ann.open(project);
    await server.kill();
    await expect(board.connection).toContainText(/Reconnecting [1-5]\/5/);
    // The next attempt does not come while this is looked at.
    await ann.page.clock.pauseAt(await ann.page.evaluate(() => Date.now() + 500));
    await legible(ann, board, "reconnecting", (name) => info.outputPath(name));
    await ann.page.clock.resume();
    await board.add("To do", Array.from({ length: 12 }, (_, n) => `Card ${n}`));
    await board.offline();
    await expect(board.connection.getByRole("button", { name: /^Offline · 12 changes waiting · Retry$/ })).toBeVisible();
    await legible(ann, board, "offline", (name) => info.outputPath(name));
  });

  test("once the connection has ended", async ({ people }, info) => {
    const ann = await people.register("Ann", phone);
    ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
    const project = await ann.api.createProject(NAME);
    for (const [code, words, state] of [
      [4401, /^Signed out · Sign in$/, "signed-out"],
      [4403, /^No access$/, "no-access"],
      [4410, /^Update available · Reload$/, "outdated"],
    ] as const) {
      await ann.page.unrouteAll();
      await ann.page.routeWebSocket(/\/ws\//, (socket) => void setTimeout(() => void socket.close({ code, reason: state })));
      await ann.page.goto(`/projects/${project.id}`);
      await hydrated(ann.page);
      const board = new BoardPage(ann.page);
      await expect(board.connection).toHaveText(words);
      await legible(ann, board, state, (name) => info.outputPath(name));
    }
  });
});
