// The ways in which every page and state has to hold together: sizes, text, touch, the system's own colours.

import { test, type BrowserContextOptions, type Page } from "@playwright/test";
import { violations } from "./axe.ts";
import { faults } from "./layout.ts";
import { expect, type Person } from "./test.ts";

export interface Way {
  name: string;
  options: BrowserContextOptions;
  /** The size of a rem, as the reader has chosen it. */
  rem?: number;
  /** What is pressed is at least as large. */
  target: number;
}

const touch = { hasTouch: true, isMobile: true };

export const SMALL: Way = { name: "320 px", options: { viewport: { width: 320, height: 640 } }, target: 24 };
export const PHONE: Way = { name: "a phone", options: { viewport: { width: 390, height: 844 }, ...touch }, target: 40 };
export const SMALL_PHONE: Way = {
  name: "a small phone, dark",
  options: { viewport: { width: 320, height: 568 }, ...touch, colorScheme: "dark" },
  target: 40,
};
export const LARGE_TEXT: Way = { name: "200 % text", options: { viewport: { width: 1280, height: 900 } }, rem: 32, target: 24 };
export const TABLET: Way = {
  name: "200 % text on a tablet, dark",
  options: { viewport: { width: 820, height: 1180 }, ...touch, colorScheme: "dark" },
  rem: 32,
  target: 40,
};
export const FORCED: Way = { name: "forced colours", options: { viewport: { width: 1280, height: 900 }, forcedColors: "active" }, target: 24 };

/** Gives all pages of somebody, from the next one on, text as large as the way has it. */
export async function larger({ rem }: Way, { context }: Person): Promise<void> {
  if (rem === undefined) return;
  await context.addInitScript((rem) => {
    const set = () => document.documentElement?.style.setProperty("font-size", `${rem}px`);
    set();
    document.addEventListener("DOMContentLoaded", set);
  }, rem);
}

/** Looks at what is shown. `part`: what has opened on a page that axe has seen without it. */
export async function check({ target }: Way, page: Page, state: string, part?: string): Promise<void> {
  const found = [...(await faults(page, { target })), ...(await violations(page, part))];
  if (found.length > 0) await page.screenshot({ path: test.info().outputPath(`${state.replaceAll(/\W+/g, "-")}.png`) });
  expect.soft(found, state).toEqual([]);
}
