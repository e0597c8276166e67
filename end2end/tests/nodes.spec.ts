// Two nodes over one Redis: what concerns somebody reaches them once, wherever they are connected.

import path from "node:path";
import { alerts, Bell, recordAlerts } from "../harness/bell.ts";
import { Redis } from "../harness/redis.ts";
import { Server } from "../harness/server.ts";
import { expect, hydrated, projectWith, test as base } from "../harness/test.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

const test = base.extend<{ neighbour: Server }>({
  server: async ({}, use, info) => {
    const redis = await Redis.start();
    const log = path.resolve(import.meta.dirname, `../test-results/servers/${info.testId}.log`);
    const server = await Server.start(log, { redis: redis.url });
    await use(server);
    await server.remove();
    await redis.remove();
  },

  neighbour: async ({ server }, use) => {
    await use(await server.beside());
  },
});

test("one mention is one row, one entry in three tabs and on a phone at the other node, and one notification", async ({
  people,
  neighbour,
}) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const [task] = (await ann.api.board(project)).tasks;
  const handset = await people.elsewhere(bob, phone);
  await recordAlerts(bob.context, "granted");
  await recordAlerts(handset.context, "default");
  const board = `/projects/${project.id}`;
  const tabs = [bob.page, await bob.context.newPage(), await bob.context.newPage()];
  const pages = [...tabs, handset.page];
  const addresses = ["/", "/account", board, `${neighbour.url}${board}`];
  for (const [n, page] of pages.entries()) {
    await page.goto(addresses[n] ?? "/");
    await hydrated(page);
  }
  const bells = pages.map((page) => new Bell(page));
  for (const bell of bells) await bell.counts(0);

  // Said at one node …
  await ann.api.comment(task?.id ?? "", "@Bob, have a look");
  for (const bell of bells) await bell.counts(1);
  const { notifications, unread } = await bob.api.notifications();
  expect([notifications.length, unread]).toEqual([1, 1]);
  await expect.poll(() => alerts(tabs)).toHaveLength(1);
  for (const bell of bells) {
    await bell.open();
    await expect(bell.rows).toHaveText([/Ann mentioned you/]);
  }

  // … and read at the other.
  await (bells.at(-1) as Bell).rows.click();
  for (const bell of bells) await bell.counts(0);
  expect(await alerts(tabs)).toHaveLength(1);
});
