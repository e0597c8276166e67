// How smooth a page stays while others change its board, as fast as a bulk change or a busy team would. `make bench`.

import type { Project, Task } from "../harness/api.ts";
import { expect, projectWith, test, type Person } from "../harness/test.ts";
import { quantile } from "./main_thread.ts";
import { cookieOf, send, type Answer } from "./requests.ts";

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

/** What a page says of its frames. */
interface Frames {
  intervals: number[];
  longTasks: number[];
}

async function watchFrames(person: Person): Promise<() => Promise<Frames>> {
  await person.page.evaluate(() => {
    const frames: Frames = { intervals: [], longTasks: [] };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) frames.longTasks.push(entry.duration);
    }).observe({ entryTypes: ["longtask"] });
    let last = performance.now();
    const frame = (now: number) => {
      frames.intervals.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    Object.assign(window, { frames });
  });
  return () => person.page.evaluate(() => (window as unknown as { frames: Frames }).frames);
}

/** Moves tasks to and fro when they are due, whatever became of those before. Returns when all are answered. */
async function moves(base: string, person: Person, project: Project, tasks: Task[]): Promise<void> {
  const cookie = await cookieOf(person);
  const { statuses } = await person.api.board(project);
  const answers: Promise<Answer>[] = [];
  const started = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(RATE * SECONDS, Math.floor(((performance.now() - started) / 1000) * RATE));
      while (answers.length < due) {
        const task = tasks[answers.length % tasks.length] as Task;
        const status = statuses[Math.floor(answers.length / tasks.length + 1) % statuses.length];
        answers.push(send(new URL(`/api/tasks/${task.id}/status`, base), cookie, { method: "PATCH", json: { status_id: status?.id } }));
      }
      if (answers.length === RATE * SECONDS) {
        clearInterval(timer);
        resolve();
      }
    }, 4);
  });
  expect((await Promise.all(answers)).filter(({ status }) => status !== 200)).toEqual([]);
}

test(`${RATE} events a second of others`, async ({ people, server }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const titles = Array.from({ length: 120 }, (_, number) => `Task ${number}`);
  const project = await projectWith(ann, titles, [[bob, "editor"]]);
  const { tasks, statuses } = await bob.api.board(project);
  const board = await ann.open(project);
  const frames = await watchFrames(ann);
  const cpu = await spent(ann);
  const before = performance.now();
  await moves(server.url, bob, project, tasks);
  const answered = performance.now();
  for (const { name } of statuses) await board.shows(name, await bob.api.column(project, name));
  const shown = performance.now();
  const { intervals, longTasks } = await frames();
  const seconds = Object.entries(await cpu()).map(([name, value]) => `${name} ${value.toFixed(1)}`);
  intervals.sort((one, other) => one - other);
  const ms = (number: number) => number.toFixed(0);
  console.log(
    `| page, ${tasks.length} cards, ${RATE} moves/s for ${ms((answered - before) / 1000)} s | frame p50 ${ms(quantile(intervals, 0.5))}, ` +
      `p95 ${ms(quantile(intervals, 0.95))}, p99 ${ms(quantile(intervals, 0.99))}, max ${ms(quantile(intervals, 1))} ms | ` +
      `${longTasks.length} tasks over 50 ms, longest ${ms(Math.max(0, ...longTasks))} ms | ` +
      `all shown ${ms(shown - answered)} ms after the last answer | CPU s: ${seconds.join(", ")} |`,
  );
});
