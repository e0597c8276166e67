// The indicator says how things are within three seconds, and moves nothing while it does.

import type { Locator, Page } from "@playwright/test";
import { inBothThemes } from "../harness/axe.ts";
import type { BoardPage } from "../harness/board.ts";
import { Gate } from "../harness/gate.ts";
import { faults } from "../harness/layout.ts";
import { expect, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

test.use({ ownServer: true });

/** What the product promises, and what a page of a debug build takes beside it. */
const HONEST = 3_000 + 1_500;

/** From `die` on, whatever either side says gets lost, and no request is answered. */
async function mortalNetwork(page: Page): Promise<{ die(): void; live(): void }> {
  let dead = false;
  await page.routeWebSocket(/\/ws\//, (socket) => {
    // Nor is a new one answered.
    if (dead) return;
    const server = socket.connectToServer();
    socket.onMessage((message) => void (dead || server.send(message)));
    server.onMessage((message) => void (dead || socket.send(message)));
  });
  await page.route("**/api/**", (route) => (dead ? undefined : route.continue()));
  return { die: () => void (dead = true), live: () => void (dead = false) };
}

/** Where everything in the header is but the indicator. */
function places(page: Page): Promise<string[]> {
  return page.locator(".board-header > :not(.connection-room, .visually-hidden)").evaluateAll((parts) =>
    parts.map((part) => {
      const { left, width } = part.getBoundingClientRect();
      return `${part.className} ${Math.round(left)} ${Math.round(width)}`;
    }),
  );
}

function unsaved(board: BoardPage): Locator {
  return board.page.getByTestId("card-unsaved");
}

test("without a network the page is offline at once, and live again with one", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const board = await ann.open(await projectWith(ann, ["One"]));
  await ann.context.setOffline(true);
  await expect(board.connection).toHaveAttribute("data-state", "offline", { timeout: 1_000 });
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveText("Offline · 1 change waiting · Retry");
  await board.add("To do", ["Two"]);
  await expect(board.connection).toHaveText("Offline · 2 changes waiting · Retry");
  // It stays so, and does not go back to Live for a moment.
  await expect(unsaved(board)).toHaveCount(2, { timeout: HONEST });
  await expect(board.connection).toHaveAttribute("data-state", "offline");
  expect(await inBothThemes(ann.page)).toEqual([]);
  await ann.context.setOffline(false);
  await board.live();
  await expect(unsaved(board)).toHaveCount(0);
});

test("a network that dies without a word is noticed within three seconds of a change", async ({ people }) => {
  const ann = await people.register("Ann");
  const network = await mortalNetwork(ann.page);
  const board = await ann.open(await projectWith(ann, ["One"]));
  network.die();
  await board.drag("One", { column: "Done" });
  await expect(board.connection).not.toHaveAttribute("data-state", "live", { timeout: HONEST });
  await expect(unsaved(board)).toHaveText("Not saved yet");
  await expect(board.card("One")).toHaveAttribute("data-slow", "");
});

test("somebody who only looks around finds out, too", async ({ people }) => {
  const ann = await people.register("Ann");
  const network = await mortalNetwork(ann.page);
  const board = await ann.open(await projectWith(ann, ["One"]));
  network.die();
  let x = 300;
  await expect(async () => {
    x += 7;
    await ann.page.mouse.move(x, 300);
    expect(await board.connection.getAttribute("data-state")).not.toBe("live");
  }).toPass({ timeout: HONEST + 3_000, intervals: [200] });
});

test("somebody who does nothing finds out within ten seconds, and the page is live again with the network", async ({ people }) => {
  const ann = await people.register("Ann");
  const network = await mortalNetwork(ann.page);
  const board = await ann.open(await projectWith(ann, ["One"]));
  network.die();
  await expect(board.connection).not.toHaveAttribute("data-state", "live", { timeout: 10_000 });
  network.live();
  await expect(board.connection).toHaveAttribute("data-state", "live", { timeout: 30_000 });
});

test("a server that stalls for a moment costs nobody their socket", async ({ people }) => {
  const ann = await people.register("Ann");
  let sockets = 0;
  ann.page.on("websocket", (socket) => void (sockets += Number(socket.url().includes("/ws/projects/"))));
  // What is said meanwhile comes later, as it does over a network that stalls.
  let stalled = false;
  const late: (() => void)[] = [];
  const pass = (send: () => void) => void (stalled ? late.push(send) : send());
  await ann.page.routeWebSocket(/\/ws\//, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => pass(() => server.send(message)));
    server.onMessage((message) => pass(() => socket.send(message)));
  });
  const board = await ann.open(await projectWith(ann, ["One"]));
  const before = sockets;
  stalled = true;
  await expect(board.connection).not.toHaveAttribute("data-state", "live", { timeout: 10_000 });
  stalled = false;
  late.forEach((send) => send());
  await expect(board.connection).toHaveAttribute("data-state", "live");
  expect(sockets).toBe(before);
});

test("a server that takes long to answer: Saving…, on the card as well", async ({ people }) => {
  const ann = await people.register("Ann");
  const board = await ann.open(await projectWith(ann, ["One", "Two"]));
  const before = await places(ann.page);
  const held = new Gate();
  await ann.page.route("**/api/tasks/*/status", async (route) => {
    await held.opened;
    await route.continue();
  });
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveText("Live");
  await expect(board.connection).toHaveText("Saving…", { timeout: HONEST });
  await expect(board.connection).toHaveAttribute("data-state", "live");
  await expect(board.card("One").getByTestId("card-unsaved")).toBeVisible();
  await expect(unsaved(board)).toHaveCount(1);
  expect(await inBothThemes(ann.page)).toEqual([]);
  await expect(ann.page.getByRole("status").filter({ hasText: "Still saving your changes." })).toBeAttached();
  expect(await places(ann.page)).toEqual(before);
  // On a phone a sign says it: the words would lie on the project's name.
  for (const width of [320, 360, 390, 430]) {
    await ann.page.setViewportSize({ width, height: 844 });
    expect((await faults(ann.page, { target: 0 })).filter((fault) => fault.startsWith("text on text")), `${width} px`).toEqual([]);
  }
  held.open();
  await board.settled();
  await expect(board.connection).toHaveText("Live");
  await expect(unsaved(board)).toHaveCount(0);
  await expect(ann.page.getByRole("status").filter({ hasText: "Your changes are saved." })).toBeAttached();
});

for (const width of [320, 390, 768, 1024, 1440]) {
  test(`whatever it says, nothing in the header moves at ${width} px`, async ({ people }) => {
    const ann = await people.register("Ann", { viewport: { width, height: 800 } });
    ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
    const board = await ann.open(await projectWith(ann, ["One"]));
    await expect(board.page.getByRole("listitem", { name: "Ann" }).or(board.page.locator(".people-one"))).toHaveCount(1);
    const before = await places(ann.page);
    await ann.context.setOffline(true);
    await expect(board.connection).toHaveAttribute("data-state", "offline");
    expect(await places(ann.page)).toEqual(before);
    await board.moveByMenu("One", "Done");
    await expect(board.connection).toHaveAttribute("data-pending", "1");
    expect(await places(ann.page)).toEqual(before);
    const room = await ann.page.locator(".connection-room").boundingBox();
    const pill = await board.connection.boundingBox();
    expect(pill?.width ?? 0, "it fits").toBeLessThanOrEqual((room?.width ?? 0) + 0.5);
    await ann.context.setOffline(false);
    await board.live();
    expect(await places(ann.page)).toEqual(before);
  });
}

test("two restarts of the server in a few seconds do not end in Offline", async ({ people, server }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const board = await ann.open(await projectWith(ann, ["One"]));
  await board.connection.evaluate((pill) => {
    const states = new Set<string>();
    Object.assign(window, { states });
    new MutationObserver(() => states.add(pill.getAttribute("data-state") ?? "")).observe(pill, { attributes: true });
  });
  for (let restart = 0; restart < 2; restart += 1) {
    await server.stop();
    await server.start();
    await board.live();
  }
  const states = await ann.page.evaluate(() => [...(window as unknown as { states: Set<string> }).states]);
  expect(states).toContain("connecting");
  expect(states).not.toContain("offline");
});
