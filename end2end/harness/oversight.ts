// The pages of oversight as their user handles them, and dates beside today.

import { expect, type Locator, type Page } from "@playwright/test";
import { violations } from "./axe.ts";
import { hydrated } from "./test.ts";

const DAY_MS = 86_400_000;

/** The date so many days from today, as a task has it. */
export function day(offset: number): string {
  return `${date(offset)}T00:00:00Z`;
}

/** The same as an address has it: `2026-11-24`. */
export function date(offset: number): string {
  return new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
}

/** Days from today to the Monday of this week: 0 to -6. */
export function monday(): number {
  return -((new Date().getUTCDay() + 6) % 7);
}

export class OversightPage {
  readonly panel: Locator;
  readonly toasts: Locator;

  constructor(readonly page: Page) {
    this.panel = page.getByTestId("load-panel");
    this.toasts = page.getByTestId("toast");
  }

  async open(view: "workload" | "heatmap" | "report" | "flow", query = ""): Promise<void> {
    await this.page.goto(`/oversight/${view}${query}`);
    await hydrated(this.page);
  }

  /** Somebody's row of the workload. */
  row(name: string): Locator {
    return this.page.getByTestId("load-row").filter({ has: this.page.getByRole("rowheader").filter({ hasText: name }) });
  }

  /** Somebody's cell of the workload: 0 is this week. */
  cell(name: string, week: number): Locator {
    return this.row(name).getByTestId("load-cell").nth(week);
  }

  /** A task in the panel. */
  task(title: string): Locator {
    return this.panel.getByTestId("load-task").filter({ hasText: title });
  }

  /** Picks a task of the panel up with the mouse and drops it on a cell. */
  async drag(title: string, cell: Locator): Promise<void> {
    const from = await middle(this.task(title));
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    // Past the distance that tells a drag from a click.
    await this.page.mouse.move(from.x - 6, from.y + 6, { steps: 3 });
    const to = await middle(cell);
    await this.page.mouse.move(to.x, to.y, { steps: 8 });
    await expect(cell).toHaveAttribute("data-over", "");
    await this.page.mouse.up();
  }

  /** The same with a finger: long press, move, release. */
  async dragByTouch(title: string, cell: Locator): Promise<void> {
    const cdp = await this.page.context().newCDPSession(this.page);
    const at = (type: string, points: { x: number; y: number }[]) =>
      cdp.send("Input.dispatchTouchEvent", { type: type as "touchStart", touchPoints: points });
    const from = await middle(this.task(title));
    await at("touchStart", [from]);
    // The press has become a drag when it is said.
    await expect(this.page.locator("[role=status][aria-live=assertive]")).toContainText(`Picked up ${title}`);
    const to = await middle(cell);
    for (let step = 1; step <= 8; step += 1) {
      await at("touchMove", [{ x: from.x + ((to.x - from.x) * step) / 8, y: from.y + ((to.y - from.y) * step) / 8 }]);
    }
    await expect(cell).toHaveAttribute("data-over", "");
    await at("touchEnd", []);
    await cdp.detach();
  }

  /** By "Move to…". `week` begins as the choice does. */
  async moveByMenu(title: string, to: { person?: string; week?: string }): Promise<void> {
    await this.task(title).getByRole("button", { name: `Move ${title} to…` }).press("Enter");
    const dialog = this.page.getByRole("dialog", { name: "Move" });
    if (to.person !== undefined) await dialog.getByLabel("Person").selectOption({ label: to.person });
    if (to.week !== undefined) {
      const option = dialog.getByLabel("Week").locator("option").filter({ hasText: to.week });
      await dialog.getByLabel("Week").selectOption({ label: (await option.innerText()).trim() });
    }
    await dialog.getByRole("button", { name: "Move" }).press("Enter");
    await expect(dialog).toBeHidden();
  }

  /** No part of the page is wider than the window, and what is tapped is large enough. */
  async fitsFingers(): Promise<void> {
    const width = await this.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(this.page.viewportSize()?.width ?? 0);
    const small = await this.page
      .locator("main button:visible, main input:visible:not([type=radio]), main select:visible, main a.button:visible, main .tab:visible")
      .evaluateAll((controls) =>
        controls
          .map((control) => ({ box: control.getBoundingClientRect(), control }))
          .filter(({ box }) => box.height < 39.5 && box.width > 1)
          .map(({ box, control }) => `${Math.round(box.width)}×${Math.round(box.height)} ${control.outerHTML.slice(0, 120)}`),
      );
    expect(small).toEqual([]);
  }

  /** What axe finds. */
  async violations(): Promise<string[]> {
    return violations(this.page);
  }
}

async function middle(target: Locator): Promise<{ x: number; y: number }> {
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  if (box === null) throw new Error("not on the page");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
