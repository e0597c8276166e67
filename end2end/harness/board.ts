// The board page as its user handles it. Only marks that are promised to stay, and accessible names.

import { type CDPSession, expect, type Locator, type Page } from "@playwright/test";
import type { Project } from "./api.ts";

interface Point {
  x: number;
  y: number;
}

interface Box extends Point {
  width: number;
  height: number;
}

/** Where a card is dragged to: above another card, or below the last one of the column. */
export interface Place {
  column: string;
  above?: string;
}

export class BoardPage {
  readonly connection: Locator;
  readonly toasts: Locator;
  /** What was last read out about a drag. */
  readonly announcement: Locator;

  constructor(readonly page: Page) {
    this.connection = page.getByTestId("connection");
    this.toasts = page.getByTestId("toast");
    this.announcement = page.locator("[role=status][aria-live=assertive]");
  }

  async open(project: Project): Promise<void> {
    await this.page.goto(`/projects/${project.id}`);
    await this.live();
  }

  /** Hydrated, connected and caught up, with nothing unconfirmed. */
  async live(): Promise<void> {
    await expect(this.page.locator("html[data-hydrated]")).toBeAttached();
    await expect(this.connection).toHaveAttribute("data-state", "live");
    await this.settled();
  }

  /**
   * Out of reach of its server, after five attempts that fail. The page's clock, which is installed, jumps over each of
   * the waits between them, and never while one is under way: the next jump comes once the last attempt has failed.
   */
  async offline(): Promise<void> {
    const state = () => this.connection.getAttribute("data-state");
    await expect(this.connection).toHaveAttribute("data-state", /connecting|offline/);
    for (;;) {
      // Read first: it is Offline only then if the state below is not.
      const shown = (await this.connection.textContent()) ?? "";
      if ((await state()) === "offline") return;
      // The longest of them.
      await this.page.clock.fastForward(8_000);
      await expect(this.connection).not.toHaveText(shown);
    }
  }

  /** Nothing of one's own is unconfirmed. */
  async settled(): Promise<void> {
    await expect(this.connection).toHaveAttribute("data-pending", "0");
  }

  column(name: string): Locator {
    return this.page
      .getByTestId("status-column")
      .filter({ has: this.page.getByRole("heading", { name, exact: true, includeHidden: true }) });
  }

  card(title: string): Locator {
    return this.page.getByTestId("task-card").filter({ hasText: title });
  }

  cards(column: string): Locator {
    return this.column(column).getByTestId("task-card");
  }

  /** The column shows these cards, in this order, and no others. */
  async shows(column: string, titles: string[]): Promise<void> {
    if (titles.length === 0) return expect(this.cards(column)).toHaveCount(0);
    await expect(this.cards(column)).toContainText(titles);
    await expect(this.cards(column)).toHaveCount(titles.length);
  }

  /** The number of cards in a column's head, with its unit for screen readers. */
  count(column: string): Locator {
    return this.column(column).locator(".column-count");
  }

  /** Adds tasks in place: Enter keeps adding. */
  async add(column: string, titles: string[]): Promise<void> {
    await this.column(column).getByTestId("add-task").click();
    for (const title of titles) {
      await this.page.keyboard.insertText(title);
      await this.page.keyboard.press("Enter");
    }
    await this.page.keyboard.press("Escape");
  }

  /** Opens the menu of a card. */
  async actions(title: string): Promise<Locator> {
    await this.card(title).hover();
    await this.page.getByRole("button", { name: `Actions for ${title}`, exact: true }).click();
    const menu = this.page.getByRole("menu");
    await expect(menu).toBeVisible();
    return menu;
  }

  async remove(title: string): Promise<void> {
    await (await this.actions(title)).getByRole("menuitem", { name: "Delete" }).click();
    await expect(this.card(title)).toHaveCount(0);
  }

  /** By "Move to…". `position` begins as the choice does, as in "2 ·". */
  async moveByMenu(title: string, column: string, position = "1 ·"): Promise<void> {
    await (await this.actions(title)).getByRole("menuitem", { name: "Move to…" }).click();
    const dialog = this.page.getByRole("dialog", { name: "Move" });
    await dialog.getByLabel("Column").selectOption({ label: column });
    const place = dialog.getByLabel("Position").locator("option").filter({ hasText: position });
    await dialog.getByLabel("Position").selectOption({ label: (await place.innerText()).trim() });
    await dialog.getByRole("button", { name: "Move" }).click();
    await expect(dialog).toBeHidden();
  }

  /** Opens a card's panel. */
  async openTask(title: string): Promise<TaskPanel> {
    await this.card(title).click();
    const panel = this.page.getByRole("dialog");
    await expect(panel).toBeVisible();
    return new TaskPanel(this.page, panel);
  }

  /** Picks a card up with the mouse and holds it over a place. */
  async hold(title: string, place: Place): Promise<void> {
    const from = await middle(this.card(title));
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    // Past the distance that tells a drag from a click.
    await this.page.mouse.move(from.x + 6, from.y + 6, { steps: 3 });
    const to = await this.#point(title, place);
    await this.page.mouse.move(to.x, to.y, { steps: 8 });
  }

  async drag(title: string, place: Place): Promise<void> {
    await this.hold(title, place);
    await this.page.mouse.up();
  }

  /** Long press, move, release, as a finger does it. */
  async dragByTouch(title: string, place: Place): Promise<void> {
    await this.#finger(await middle(this.card(title)), async () => {
      // The press has become a drag when it is said.
      await expect(this.announcement).toContainText(title);
      return this.#point(title, place);
    });
  }

  /** A drag of the finger without a long press: scrolling. */
  async swipe(target: Locator, by: Point): Promise<void> {
    const from = await middle(target);
    await this.#finger(from, async () => ({ x: from.x + by.x, y: from.y + by.y }));
  }

  /** Puts a finger down, and moves it to where `aim` says, once it says so. */
  async #finger(from: Point, aim: () => Promise<Point>): Promise<void> {
    const cdp = await this.page.context().newCDPSession(this.page);
    await touch(cdp, "touchStart", from);
    const to = await aim();
    for (let step = 1; step <= 8; step += 1) {
      await touch(cdp, "touchMove", { x: from.x + ((to.x - from.x) * step) / 8, y: from.y + ((to.y - from.y) * step) / 8 });
    }
    await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await cdp.detach();
  }

  /** Where the middle of a card belongs for it to lie over the gap that is meant, once it has been picked up. */
  async #point(title: string, { column, above }: Place): Promise<Point> {
    const held = await boxOf(this.card(title).locator(".."));
    const gap = 6;
    const room = held.height + gap;
    // In its own column the cards below its place move up by as much as it takes.
    const isBelow = (box: Box): boolean => Math.abs(box.x - held.x) < 2 && box.y > held.y;
    if (above !== undefined) {
      const box = await boxOf(this.cards(column).filter({ hasText: above }));
      return { x: box.x + box.width / 2, y: box.y - (isBelow(box) ? room : 0) + held.height / 2 };
    }
    const others = this.cards(column).filter({ hasNotText: title });
    const count = await others.count();
    if (count === 0) return middle(this.column(column));
    const last = await boxOf(others.nth(count - 1));
    return { x: last.x + last.width / 2, y: last.y + last.height + (isBelow(last) ? -held.height : gap) + held.height / 2 };
  }

  /** Picks a column up by its head with the mouse, and holds it over the place of another. */
  async holdColumn(name: string, over: string): Promise<void> {
    const from = await middle(this.column(name).locator(".column-head"));
    const to = await middle(this.column(over).locator(".column-head"));
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move(from.x + 6, from.y, { steps: 3 });
    await this.page.mouse.move(to.x, to.y, { steps: 8 });
  }

  /** The same with a finger, which lets it go there. */
  async dragColumnByTouch(name: string, over: string): Promise<void> {
    await this.#finger(await middle(this.column(name).locator(".column-head")), async () => {
      await expect(this.announcement).toContainText(name);
      return middle(this.column(over).locator(".column-head"));
    });
  }
}

/** A task's panel. Each field is saved when it is left. */
export class TaskPanel {
  /** The field of the description, while it is open. */
  readonly description: Locator;
  /** The description as it is read. */
  readonly described: Locator;
  /** What is said about it, oldest first. */
  readonly comments: Locator;
  /** Where a comment is written. */
  readonly composer: Locator;

  constructor(
    readonly page: Page,
    readonly panel: Locator,
  ) {
    this.description = panel.getByRole("textbox", { name: "Description" });
    this.described = panel.getByTestId("description");
    this.comments = panel.getByTestId("comment");
    this.composer = panel.getByRole("textbox", { name: "Write a comment" });
  }

  async retitle(title: string): Promise<void> {
    const field = this.panel.getByRole("textbox", { name: "Title" });
    await field.fill(title);
    await field.press("Enter");
  }

  async choose(field: string, choice: string): Promise<void> {
    await this.panel.getByLabel(field).selectOption({ label: choice });
  }

  async comment(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Control+Enter");
  }

  /** Opens the field of the description. */
  async editDescription(): Promise<Locator> {
    await this.panel.getByRole("button", { name: /^(Edit description|Add a description…)$/ }).click();
    await expect(this.description).toBeFocused();
    return this.description;
  }

  async describe(text: string): Promise<void> {
    const field = await this.editDescription();
    await field.fill(text);
    await field.blur();
  }
}

async function boxOf(locator: Locator): Promise<Box> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error(`${locator} is not on the page`);
  return box;
}

async function middle(locator: Locator): Promise<Point> {
  await locator.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await boxOf(locator);
  return { x: x + width / 2, y: y + height / 2 };
}

async function touch(cdp: CDPSession, type: "touchStart" | "touchMove", { x, y }: Point): Promise<void> {
  await cdp.send("Input.dispatchTouchEvent", { type, touchPoints: [{ x, y, id: 1 }] });
}
