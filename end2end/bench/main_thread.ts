// What a page's main thread does: its tasks by Chromium's own trace, and its frames.

import type { Browser, Page } from "@playwright/test";

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  args: { name?: string };
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

/** What a page says of its frames, in milliseconds. */
export interface Frames {
  /** The times between two frames, shortest first. */
  intervals: number[];
  /** The tasks over 50 ms. */
  longTasks: number[];
}

/** Watches the frames of a page until the returned function is called. */
export async function watchFrames(page: Page): Promise<() => Promise<Frames>> {
  await page.evaluate(() => {
    const intervals: number[] = [];
    const longTasks: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longTasks.push(entry.duration);
    });
    observer.observe({ entryTypes: ["longtask"] });
    let last = performance.now();
    let next = 0;
    const frame = (now: number) => {
      intervals.push(now - last);
      last = now;
      next = requestAnimationFrame(frame);
    };
    next = requestAnimationFrame(frame);
    const stop = () => {
      cancelAnimationFrame(next);
      observer.disconnect();
      return { intervals: intervals.toSorted((one, other) => one - other), longTasks };
    };
    Object.assign(window, { stopFrames: stop });
  });
  return () =>
    page.evaluate(async () => {
      // What has just been done is in the next one.
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return (window as unknown as { stopFrames: () => Frames }).stopFrames();
    });
}

/** The times between the page's frames while `act` runs, shortest first, in milliseconds. */
export async function frameTimes(page: Page, act: () => Promise<void>): Promise<number[]> {
  const frames = await watchFrames(page);
  await act();
  return (await frames()).intervals;
}

/** The value below which a share of the sorted numbers lies. */
export function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
