// How smooth a page stays while others change its board, as fast as a bulk change or a busy team would. `make bench`.

import { projectWith, test, type Person } from "../harness/test.ts";
import { quantile, watchFrames } from "./main_thread.ts";
import { moves } from "./moves.ts";

/** Moves of other people a second, and for how long. */
const RATE = 500;
const SECONDS = 10;

/** Seconds that a page's main thread has spent, by what on. */
async function spent(person: Person): Promise<() => Promise<Record<string, number>>> {
  const session = await person.context.newCDPSession(person.page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const before = await read();
  return async () => {
    const after = await read();
    return Object.fromEntries(
      ["TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration"].map((name) => [
        name.replace("Duration", "").toLowerCase(),
        (after[name] ?? 0) - (before[name] ?? 0),
      ]),
    );
  };
}

test(`${RATE} events a second of others`, async ({ people, server }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const titles = Array.from({ length: 120 }, (_, number) => `Task ${number}`);
  const project = await projectWith(ann, titles, [[bob, "editor"]]);
  const { tasks, statuses } = await bob.api.board(project);
  const board = await ann.open(project);
  const frames = await watchFrames(ann.page);
  const cpu = await spent(ann);
  const before = performance.now();
  await moves(server.url, bob, project, tasks, { rate: RATE, seconds: SECONDS });
  const answered = performance.now();
  for (const { name } of statuses) await board.shows(name, await bob.api.column(project, name));
  const shown = performance.now();
  const { intervals, longTasks } = await frames();
  const seconds = Object.entries(await cpu()).map(([name, value]) => `${name} ${value.toFixed(1)}`);
  const ms = (number: number) => number.toFixed(0);
  console.log(
    `| page, ${tasks.length} cards, ${RATE} moves/s for ${ms((answered - before) / 1000)} s | frame p50 ${ms(quantile(intervals, 0.5))}, ` +
      `p95 ${ms(quantile(intervals, 0.95))}, p99 ${ms(quantile(intervals, 0.99))}, max ${ms(quantile(intervals, 1))} ms | ` +
      `${longTasks.length} tasks over 50 ms, longest ${ms(Math.max(0, ...longTasks))} ms | ` +
      `all shown ${ms(shown - answered)} ms after the last answer | CPU s: ${seconds.join(", ")} |`,
  );
});
