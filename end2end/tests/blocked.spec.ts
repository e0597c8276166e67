// A proxy that passes requests and no WebSockets: work goes on, the board follows, and the page says why it is slower.

import type { Page } from "@playwright/test";
import type { Project } from "../harness/api.ts";
import { inBothThemes } from "../harness/axe.ts";
import { Bell } from "../harness/bell.ts";
import { BoardPage } from "../harness/board.ts";
import { Proxy, type Upgrades } from "../harness/proxy.ts";
import { expect, hydrated, LOST_CONNECTION, pair, projectWith, test as base } from "../harness/test.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** How long a socket may be silent after it was asked for, in milliseconds. */
const FIRST_FRAME = 10_000;
/** How long a page whose sockets are blocked waits before it tries one. */
const PROBE = 30_000;
/** The longest wait between two questions of the bell. */
const BELL_POLL = 18_750;

const test = base.extend<{ between: Proxy }>({
  between: async ({ server }, use) => {
    const proxy = await Proxy.before(server, "refuse");
    await use(proxy);
    await proxy.close();
  },
});

/** A board through the proxy. The cookie is the host's, whatever the port. */
async function through(proxy: Proxy, page: Page, project: Project): Promise<BoardPage> {
  await page.goto(`${proxy.url}/projects/${project.id}`);
  await hydrated(page);
  return new BoardPage(page);
}

async function polling(board: BoardPage): Promise<void> {
  await expect(board.connection).toHaveAttribute("data-state", "polling", { timeout: 16_000 });
}

for (const upgrades of ["refuse", "hang", "close", "swallow"] satisfies Upgrades[]) {
  test(`upgrades: ${upgrades}. Moves go out and come in, and the page is live once they pass`, async ({ people, between: proxy }) => {
    const { ann, project, bobsBoard } = await pair(people, ["One", "Two", "Three"]);
    ann.expects(LOST_CONNECTION);
    proxy.upgrades = upgrades;
    await ann.page.clock.install();
    const board = await through(proxy, ann.page, project);
    // At once: what requests can do waits for no socket, and for no verdict about it.
    await board.drag("One", { column: "Done" });
    await bobsBoard.shows("Done", ["One"]);
    await board.settled();
    if (upgrades === "hang" || upgrades === "swallow") {
      // Requests are answered, and a socket is asked for that will say nothing for as long as one may.
      expect(proxy.asked).toBeGreaterThan(0);
      await ann.page.clock.fastForward(FIRST_FRAME);
    }
    await polling(board);

    await bobsBoard.drag("Two", { column: "Done" });
    await board.shows("Done", ["One", "Two"]);
    await board.add("To do", ["Four"]);
    await bobsBoard.shows("To do", ["Three", "Four"]);
    await board.settled();
    await expect(board.connection).toContainText("Live updates blocked");
    await expect(board.connection.getByRole("button")).toHaveAttribute("title", /Checking every few seconds.*proxy.*WebSocket/);

    // The next page of this tab knows at once.
    await ann.page.reload();
    await hydrated(ann.page);
    await expect(board.connection).toHaveAttribute("data-state", "polling", { timeout: 4_000 });

    proxy.upgrades = "pass";
    await board.connection.getByRole("button", { name: /Retry/ }).click();
    // A socket that hangs is replaced, however young it is.
    await expect(board.connection).toHaveAttribute("data-state", "live", { timeout: 6_000 });
    await bobsBoard.drag("Three", { column: "Done" });
    await board.shows("Done", ["One", "Two", "Three"]);
  });
}

test("sockets that become blocked, and pass again: the page notices both by itself", async ({ people, between: proxy }) => {
  const { ann, project, bobsBoard } = await pair(people, ["One"]);
  ann.expects(LOST_CONNECTION);
  proxy.upgrades = "pass";
  await ann.page.clock.install();
  const board = await through(proxy, ann.page, project);
  await board.live();
  proxy.become("refuse");
  await polling(board);
  await bobsBoard.drag("One", { column: "Done" });
  await board.shows("Done", ["One"]);
  proxy.become("pass");
  await ann.page.clock.fastForward(PROBE);
  await expect(board.connection).toHaveAttribute("data-state", "live", { timeout: 40_000 });
});

test("comments and the bell follow by requests", async ({ people, between: proxy }) => {
  const { ann, bob, project } = await pair(people, ["One"]);
  ann.expects(LOST_CONNECTION);
  await ann.page.clock.install();
  const board = await through(proxy, ann.page, project);
  await polling(board);
  const panel = await board.openTask("One");
  await panel.comment("From Ann");
  await expect(panel.comments).toHaveText([/From Ann/]);
  const [one] = (await bob.api.board(project)).tasks;
  await expect.poll(async () => (await bob.api.thread(one?.id ?? "")).length).toBe(1);
  await bob.api.comment(one?.id ?? "", `From Bob, for <@${ann.user.id}>`);
  await expect(panel.comments).toHaveText([/From Ann/, /From Bob/]);
  // What one looks at is read. The bell asks less often than the board.
  await ann.page.clock.fastForward(BELL_POLL);
  await expect.poll(async () => (await ann.api.notifications()).unread, { timeout: 25_000 }).toBe(0);

  await ann.page.keyboard.press("Escape");
  const { id } = await bob.api.comment(one?.id ?? "", `Once more, for <@${ann.user.id}>`);
  const bell = new Bell(ann.page);
  await ann.page.clock.fastForward(BELL_POLL);
  await expect(bell.button).toHaveAttribute("data-unread", "1", { timeout: 25_000 });
  await bell.open();
  await expect(bell.rows).toHaveCount(2);
  // Nothing of the numbers changes, and the open list follows all the same.
  await bob.api.editComment(id, `Said better, for <@${ann.user.id}>`);
  await ann.page.clock.fastForward(BELL_POLL);
  await expect(bell.rows).toContainText(["Said better", "From Bob"], { timeout: 25_000 });
  await bell.list.getByRole("button", { name: /Mark all/ }).click();
  await bell.counts(0);
  await expect.poll(async () => (await ann.api.notifications()).unread).toBe(0);
});

test("the tabs of a browser each follow", async ({ people, between: proxy }) => {
  const { ann, project, bobsBoard } = await pair(people, ["One"]);
  ann.expects(LOST_CONNECTION);
  const board = await through(proxy, ann.page, project);
  const other = await through(proxy, await ann.context.newPage(), project);
  await polling(other);
  await other.drag("One", { column: "Done" });
  await bobsBoard.shows("Done", ["One"]);
  await ann.page.bringToFront();
  await board.shows("Done", ["One"]);
});

for (const [name, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["phone", phone]] as const) {
  test(`the state is legible: ${name}`, async ({ people, between: proxy }, info) => {
    const ann = await people.register("Ann", options);
    ann.expects(LOST_CONNECTION);
    const project = await projectWith(ann, ["One"]);
    const board = await through(proxy, ann.page, project);
    await polling(board);
    await ann.page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
    await ann.page.screenshot({ path: info.outputPath("polling.png") });
    expect(await inBothThemes(ann.page)).toEqual([]);
    expect(await ann.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });
}
