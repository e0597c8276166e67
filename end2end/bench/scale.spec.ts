// What a board costs by its number of cards: on the wire, until it is hydrated, and in each gesture. `make bench
// CASES=page` prints the table. Chromium without a GPU; tasks by its own trace, frames by requestAnimationFrame, sizes
// as they come over the wire. Another build is measured by LOCKSTEP_BIN and LOCKSTEP_SITE.

import { brotliDecompressSync } from "node:zlib";
import type { Page } from "@playwright/test";
import type { Project } from "../harness/api.ts";
import { BoardPage } from "../harness/board.ts";
import { expect, test, type Person } from "../harness/test.ts";
import { frameTimes, longestTask, quantile } from "./main_thread.ts";
import { moves } from "./moves.ts";
import { cookieOf, median, send } from "./requests.ts";

/** Boards by their number of cards. The first is as large as the demo's. */
const SIZES = (process.env.SIZES ?? "57,500,2000,10000").split(",").map(Number);

const WORDS = "draw build paint order check lift weld plan clear the a new old north south roof wall door pump cable report invoice".split(" ");

/** Titles of three to nine words, the same in each run. */
function title(number: number): string {
  let seed = number * 2_654_435_761;
  const word = () => WORDS[(seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % WORDS.length];
  return `Task ${number}: ${Array.from({ length: 3 + (number % 7) }, word).join(" ")}`;
}

/** A board with this many cards in three columns: half of them to do, a third being done. */
async function filled(person: Person, base: string, count: number): Promise<Project> {
  const project = await person.api.createProject(`Board of ${count}`);
  const { statuses } = await person.api.board(project);
  const cookie = await cookieOf(person);
  const url = new URL(`/api/projects/${project.id}/tasks`, base);
  const answers = Array.from({ length: count }, (_, number) => {
    const column = statuses[number % 6 < 3 ? 0 : number % 6 < 5 ? 1 : 2];
    const due = number % 4 === 0 ? { due_at: `2027-0${1 + (number % 9)}-12` } : {};
    const priority = number % 5 === 0 ? { priority: "high" } : {};
    return send(url, cookie, { method: "POST", json: { title: title(number), status_id: column?.id, ...due, ...priority } });
  });
  expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([201]));
  return project;
}

/** What a browser without a cache fetches until the page is hydrated, in KiB, and when that is, in milliseconds. */
async function firstVisit(page: Page, board: BoardPage, project: Project): Promise<{ assets: number; hydrated: number }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  const kinds = new Map<string, string>();
  let assets = 0;
  cdp.on("Network.responseReceived", ({ requestId, response }) => kinds.set(requestId, new URL(response.url).pathname));
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (kinds.get(requestId)?.startsWith("/pkg/")) assets += encodedDataLength;
  });
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.documentElement?.hasAttribute("data-hydrated")) return;
      observer.disconnect();
      Object.assign(window, { hydratedAt: performance.now() });
      // The root does not exist yet when this runs.
    }).observe(document, { attributes: true, attributeFilter: ["data-hydrated"], subtree: true });
  });
  await board.open(project);
  const hydrated = await page.evaluate(() => (window as unknown as { hydratedAt: number }).hydratedAt);
  await cdp.detach();
  return { assets: assets / 1024, hydrated };
}

/** From the press on a card until the frame after its panel has its title, in milliseconds. */
async function opening(page: Page, card: string): Promise<number> {
  await page.evaluate(() => {
    window.addEventListener(
      "pointerdown",
      () => {
        const began = performance.now();
        const look = () => {
          const field = document.querySelector<HTMLTextAreaElement>("#task-title");
          if (field?.value) requestAnimationFrame(() => Object.assign(window, { opened: performance.now() - began }));
          else requestAnimationFrame(look);
        };
        look();
      },
      { capture: true, once: true },
    );
  });
  await page.locator("[data-testid=task-card]", { hasText: card }).click();
  await expect(page.locator("#task-title")).toBeVisible();
  await page.waitForFunction(() => "opened" in window, undefined, { timeout: 10_000 });
  const opened = await page.evaluate(() => (window as unknown as { opened: number }).opened);
  await page.evaluate(() => Reflect.deleteProperty(window, "opened"));
  return opened;
}

async function close(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await expect(page.locator("#task-title")).toHaveCount(0);
}

const kib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;
const ms = (time: number) => `${time.toFixed(0)} ms`;

for (const count of SIZES) {
  test(`a board of ${count} cards`, async ({ people, server }) => {
    test.setTimeout(600_000);
    const ann = await people.register("Ann");
    const bob = await people.register("Bob");
    const project = await filled(ann, server.url, count);
    await ann.api.addMember(project, bob, "editor");
    const cookie = await cookieOf(ann);
    const rows: [string, string][] = [];

    const page = new URL(`/projects/${project.id}`, server.url);
    const snapshot = new URL(`/api/projects/${project.id}/board`, server.url);
    const pages = [];
    const snapshots = [];
    for (let round = 0; round < 9; round += 1) {
      pages.push(await send(page, cookie, { encoding: "br" }));
      snapshots.push(await send(snapshot, cookie, { encoding: "br" }));
    }
    const html = pages[0]?.body ?? Buffer.of();
    rows.push(["HTML raw / br", `${kib(brotliDecompressSync(html).length)} / ${kib(html.length)}`]);
    rows.push(["TTFB of the page", ms(median(pages.map(({ head }) => head)))]);
    rows.push(["snapshot, br", `${ms(median(snapshots.map(({ whole }) => whole)))}, ${kib(snapshots[0]?.body.length ?? 0)}`]);

    const { page: tab } = ann;
    const board = new BoardPage(tab);
    const { assets, hydrated } = await firstVisit(tab, board, project);
    rows.unshift(["assets over the wire (br)", `${assets.toFixed(0)} KiB`]);
    rows.push(["hydrated", ms(hydrated)]);
    const nodes = await tab.evaluate(() => {
      const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
      let all = 0;
      while (walker.nextNode() !== null) all += 1;
      return all;
    });
    rows.push(["DOM nodes", String(nodes)]);

    const first = title(0);
    const card = tab.locator("[data-testid=task-card]", { hasText: first });
    const from = await card.boundingBox();
    const target = await board.column("In progress").boundingBox();
    if (from === null || target === null) throw new Error("There is no card to drag.");
    const lift = await longestTask(tab, async () => {
      await tab.mouse.move(from.x + 30, from.y + 12);
      await tab.mouse.down();
      await tab.mouse.move(from.x + 40, from.y + 22, { steps: 3 });
      await expect(board.announcement).toContainText("Picked up");
      await tab.mouse.move(target.x + target.width / 2, target.y + 150, { steps: 6 });
    });
    const drop = await longestTask(tab, async () => {
      await tab.mouse.up();
      await expect(board.announcement).toContainText("Dropped");
      await board.settled();
    });
    rows.push(["longest task of a drag (lift, drop)", `${ms(lift)}, ${ms(drop)}`]);

    const { tasks, statuses } = await bob.api.board(project);
    const [todo, doing] = statuses;
    if (todo === undefined || doing === undefined) throw new Error("There are no columns.");
    // In the order of their column: `tasks` is by rank within each.
    const waiting = tasks.filter(({ status_id }) => status_id === todo.id);
    const top = tasks.find(({ status_id }) => status_id === doing.id);
    const moved = waiting.find(({ title: text }) => text === title(1)) ?? waiting[0];
    if (moved === undefined || top === undefined) throw new Error("There is no card to move.");
    const remote = await longestTask(tab, async () => {
      await bob.api.moveTask(moved.id, { status_id: doing.id, before_id: top.id });
      await expect(board.column("In progress").locator("[data-testid=task-card]", { hasText: moved.title })).toBeVisible();
    });
    rows.push(["one remote move", ms(remote)]);

    const movers = waiting.filter(({ id }) => id !== moved.id).slice(0, 20);
    const frames = await frameTimes(tab, () => moves(server.url, bob, project, movers, { rate: 20, seconds: 5 }));
    rows.push(["frames at 20 remote moves/s, p50 / p95", `${ms(quantile(frames, 0.5))} / ${ms(quantile(frames, 0.95))}`]);

    const search = tab.getByRole("searchbox").first();
    await search.click();
    const filter = await longestTask(tab, async () => {
      for (const key of "roof") {
        await tab.keyboard.press(key);
        await tab.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      }
      await expect(tab).toHaveURL(/q=roof/);
    });
    rows.push(["filter, worst key", ms(filter)]);
    await search.press("ControlOrMeta+a");
    await search.press("Delete");
    await expect(tab).not.toHaveURL(/q=/);

    const worst = await frameTimes(tab, async () => {
      await board.column("To do").getByTestId("add-task").click();
      await tab.keyboard.type("Look at the pump");
      await tab.keyboard.press("Enter");
      await board.settled();
    });
    rows.push(["add a card, worst frame", ms(quantile(worst, 1))]);
    await tab.keyboard.press("Escape");

    const openings = [];
    for (const number of [6, 7, 8, 6]) {
      openings.push(await opening(tab, title(number)));
      await close(tab);
    }
    rows.push(["open a task, first / later", `${ms(openings[0] ?? 0)} / ${ms(median(openings.slice(1)))}`]);

    await opening(tab, title(6));
    await tab.locator("#task-title").press("End");
    const typing = await longestTask(tab, async () => {
      await tab.keyboard.type(" and the lamp", { delay: 30 });
    });
    rows.push(["typing in a title, longest task", ms(typing)]);

    console.log([`${count} cards`, ...rows.map(([what, value]) => `| ${what} | ${value} |`)].join("\n"));
  });
}
