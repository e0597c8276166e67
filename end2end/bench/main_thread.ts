// What a page's main thread does: its tasks by Chromium's own trace, and its frames.

import type { Browser, Page } from "@playwright/test";

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  args: { name?: string; data?: { frames?: { processId?: number }[] } };
}

/** The longest task of the page's main thread while `act` runs, in milliseconds. */
export async function longestTask(page: Page, act: () => Promise<void>): Promise<number> {
  const browser = page.context().browser() as Browser;
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"] });
  let trace: Buffer;
  try {
    await act();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(
    ({ name, ph, pid, tid }) => ph === "X" && (name === "RunTask" || name === "ThreadControllerImpl::RunTask") && threads.has(`${pid} ${tid}`),
  );
  if (tasks.length === 0) throw new Error("The trace has no task of a main thread.");
  return Math.max(...tasks.map(({ dur }) => dur ?? 0)) / 1000;
}

/** The times between the page's frames while `act` runs, shortest first, in milliseconds. */
export async function frameTimes(page: Page, act: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = [];
    let last = performance.now();
    const frame = (now: number) => {
      times.push(now - last);
      last = now;
      if (!("framesEnd" in window)) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    Object.assign(window, { frameTimes: times });
  });
  await act();
  return page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    Object.assign(window, { framesEnd: true });
    await new Promise(requestAnimationFrame);
    const { frameTimes } = window as unknown as { frameTimes: number[] };
    Reflect.deleteProperty(window, "framesEnd");
    return frameTimes.toSorted((one, other) => one - other);
  });
}

/** The value below which a share of the sorted numbers lies. */
export function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
