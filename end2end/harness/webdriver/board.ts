// The board in a browser of another engine.

import { expect } from "@playwright/test";
import type { Project } from "../api.ts";
import { type Browser, Key } from "./browser.ts";
import type { Part } from "./part.ts";

export class EngineBoard {
  readonly connection: Part;
  /** What was last read out about a drag. */
  readonly announcement: Part;
  readonly panel: Part;

  constructor(
    readonly browser: Browser,
    readonly project: Project,
  ) {
    this.connection = browser.part("[data-testid=connection]");
    this.announcement = browser.part("[role=status][aria-live=assertive]");
    this.panel = browser.part("[role=dialog], dialog[open]");
  }

  /** Hydrated, connected and caught up, with nothing unconfirmed. */
  async live(): Promise<void> {
    await this.browser.part("html[data-hydrated]").shown();
    await this.connection.has("data-state", "live");
    await this.connection.has("data-pending", "0");
  }

  /** Live after a break: by itself, or where it has given up, by Retry. */
  async liveAgain(): Promise<void> {
    await expect.poll(() => this.connection.attribute("data-state"), { timeout: 45_000 }).toMatch(/live|offline/);
    const retry = this.connection.part("button");
    if ((await retry.count()) > 0) await retry.click();
    await this.live();
  }

  card(title: string): Part {
    return this.browser.part("[data-testid=task-card]", { text: title });
  }

  column(name: string): Part {
    return this.browser.part("[data-testid=status-column]", { text: name });
  }

  /** The column shows these cards, in this order, and no others. */
  async shows(column: string, titles: string[]): Promise<void> {
    const shown = this.column(column).part("[data-testid=task-card] .card-title");
    await expect.poll(() => shown.texts(), { message: `cards of ${column}, in ${this.browser.engine}` }).toEqual(titles);
  }

  /** Adds cards in place: Enter keeps adding. */
  async add(column: string, ...titles: string[]): Promise<void> {
    await this.column(column).part("[data-testid=add-task]").click();
    const field = this.column(column).part("textarea, input");
    await field.focused();
    for (const title of titles) await field.type(title, Key.ENTER);
    await field.type(Key.ESCAPE);
  }

  /** Picks a card up with the mouse. */
  async pickUp(title: string): Promise<void> {
    const { browser } = this;
    // The cards below one that has just been dropped are on their way up for a moment.
    let from = await this.card(title).point();
    const isStill = async () => {
      const before = from;
      from = await this.card(title).point();
      return from.x === before.x && from.y === before.y;
    };
    await expect.poll(isStill, { message: `${title} stands still, in ${browser.engine}` }).toBe(true);
    await browser.pointAt(from);
    await browser.pressMouse();
    // Past the distance that tells a drag from a click.
    await browser.pointAt({ x: from.x + 8, y: from.y + 8 });
    await this.announcement.says(`Picked up ${title}`);
  }

  /** Picks a card up with the mouse, and drops it in the middle of a column: below the cards there, when they are few. */
  async drag(title: string, column: string): Promise<void> {
    const { browser } = this;
    await this.pickUp(title);
    await browser.pointAt(await this.column(column).point({ x: 0.5, y: 0.9 }), 200);
    await this.column(column).part("[data-gap]").shown();
    await browser.releaseMouse();
    await this.announcement.says(`Dropped ${title}. ${column}`);
  }

  /** The same by keys: `way` is what is pressed between the two times of Space. */
  async dragByKeys(title: string, ...way: string[]): Promise<void> {
    await this.card(title).focus();
    await this.browser.press(Key.SPACE);
    await this.announcement.says(`Picked up ${title}`);
    await this.browser.press(...way);
    await this.browser.press(Key.SPACE);
    await this.announcement.says(`Dropped ${title}`);
    await this.card(title).focused();
  }

  async openCard(title: string): Promise<Part> {
    await this.card(title).click();
    await this.panel.shown();
    return this.panel;
  }
}
