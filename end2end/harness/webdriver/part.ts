// A part of a page, found anew each time: what a test says of it is waited for.

import { expect } from "@playwright/test";
import { error, Origin, type WebDriver, type WebElement } from "selenium-webdriver";

/** How a part is told from others like it. */
export interface Marks {
  /** It contains this text. */
  text?: string;
  /** Its accessible name, whole or by a pattern. */
  name?: string | RegExp;
}

interface Step {
  css: string;
  text: string | null;
  /** A pattern's source. */
  name: string | null;
}

/** Runs in the page: all elements that are shown and fit the steps. */
const FIND = `
  const named = (element) => {
    const by = element.getAttribute("aria-labelledby");
    const texts = by ? by.split(" ").map((id) => document.getElementById(id)) : [...(element.labels ?? [])];
    return element.getAttribute("aria-label") ?? (texts.length > 0 ? texts.map((text) => text?.textContent).join(" ") : element.textContent);
  };
  const find = (steps) => steps.reduce(
    (roots, { css, text, name }) => roots.flatMap((root) => [...root.querySelectorAll(css)]).filter((element) =>
      element.getClientRects().length > 0
      && (text === null || element.textContent.includes(text))
      && (name === null || new RegExp(name).test(named(element).trim().replaceAll(/\\s+/g, " ")))),
    [document]);
`;

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

export class Part {
  readonly #steps: Step[];

  constructor(
    readonly driver: WebDriver,
    css: string,
    marks: Marks = {},
    within: Step[] = [],
  ) {
    const { text, name } = marks;
    const pattern = name instanceof RegExp ? name.source : name && `^${escaped(name)}$`;
    this.#steps = [...within, { css, text: text ?? null, name: pattern ?? null }];
  }

  /** A part of this part. */
  part(css: string, marks: Marks = {}): Part {
    return new Part(this.driver, css, marks, this.#steps);
  }

  /** What `body` returns in the page, where `found` are the elements. */
  async #run<T>(body: string, ...rest: unknown[]): Promise<T> {
    return this.driver.executeScript<T>(`${FIND} const [steps, ...rest] = arguments; const found = find(steps); ${body}`, this.#steps, ...rest);
  }

  async #element(): Promise<WebElement> {
    let element: WebElement | null = null;
    await expect
      .poll(async () => (element = await this.#run<WebElement | null>("return found[0] ?? null;")) !== null, { message: `${this} is there` })
      .toBe(true);
    if (element === null) throw new Error(`${this} is not there`);
    return element;
  }

  /** Does something with the element, again where the page has replaced it meanwhile. */
  async #with(act: (element: WebElement) => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await act(await this.#element());
      } catch (failure) {
        if (!(failure instanceof error.StaleElementReferenceError)) throw this.#named(failure);
      }
    }
  }

  /** The error with the part's name: WebKit's driver says of some failures nothing but that they are unknown. */
  #named(failure: unknown): unknown {
    if (failure instanceof error.WebDriverError) failure.message = `${this}: ${failure.name} ${failure.message}`;
    return failure;
  }

  /**
   * Clicks it with the mouse, once it stands still and nothing covers it. The driver's own click of an element runs
   * scripts in the page first, and WebKit's has failed there without a message.
   */
  async click(): Promise<void> {
    let last = "";
    let point: { x: number; y: number } | null = null;
    const isStill = async () => {
      point = await this.#run<{ x: number; y: number } | null>(
        `if (found.length === 0) return null;
         found[0].scrollIntoView({ block: "nearest", inline: "nearest" });
         const { left, top, width, height } = found[0].getClientRects()[0];
         const point = { x: Math.round(left + width / 2), y: Math.round(top + height / 2) };
         return found[0].contains(document.elementFromPoint(point.x, point.y)) ? point : null;`,
      );
      const before = last;
      last = JSON.stringify(point);
      return point !== null && last === before;
    };
    await expect.poll(isStill, { message: `${this} can be clicked`, intervals: [20, 50, 100] }).toBe(true);
    try {
      const { x, y } = point as unknown as { x: number; y: number };
      await this.driver.actions().move({ x, y, duration: 0, origin: Origin.VIEWPORT }).press().release().perform();
    } catch (failure) {
      throw this.#named(failure);
    }
  }

  async focus(): Promise<void> {
    await this.#with((element) => this.driver.executeScript("arguments[0].focus()", element));
  }

  /** Types into it, key by key, after what is there. */
  async type(...keys: string[]): Promise<void> {
    await this.#with((element) => element.sendKeys(...keys));
  }

  /** Selects all that is there, and types over it. */
  async retype(...keys: string[]): Promise<void> {
    await this.#with((element) => this.driver.executeScript("arguments[0].focus(); arguments[0].select()", element));
    await this.driver.actions().sendKeys(...keys).perform();
  }

  /** Chooses from a list. */
  async choose(text: string): Promise<void> {
    await this.#with(async (element) => {
      const find = "const [list, text] = arguments; return [...list.options].find((option) => option.text.includes(text)) ?? null;";
      const option = await this.driver.executeScript<WebElement | null>(find, element, text);
      if (option === null) throw new Error(`${this} has no “${text}”`);
      await option.click();
    });
  }

  /** Its middle, in CSS pixels of the window, after it was scrolled into view. `at` is a share of its width and height. */
  async point(at: { x: number; y: number } = { x: 0.5, y: 0.5 }): Promise<{ x: number; y: number }> {
    await this.#element();
    return this.#run(
      `found[0].scrollIntoView({ block: "nearest", inline: "nearest" });
       const { left, top, width, height } = found[0].getBoundingClientRect();
       return { x: Math.round(left + width * rest[0].x), y: Math.round(top + height * rest[0].y) };`,
      at,
    );
  }

  /** Where it is in the window, in CSS pixels. */
  async box(): Promise<{ left: number; top: number; width: number; height: number }> {
    return this.#run("const { left, top, width, height } = found[0].getBoundingClientRect(); return { left, top, width, height };");
  }

  async count(): Promise<number> {
    return this.#run("return found.length;");
  }

  async texts(): Promise<string[]> {
    return this.#run(`return found.map((element) => element.textContent.trim().replaceAll(/\\s+/g, " "));`);
  }

  async attribute(name: string): Promise<string | null> {
    return this.#run("return found[0]?.getAttribute(rest[0]) ?? null;", name);
  }

  async value(): Promise<string | null> {
    return this.#run("return found[0]?.value ?? null;");
  }

  /** Waits until it is on the page. */
  async shown(count?: number): Promise<void> {
    const there = expect.poll(() => this.count(), { message: `${this} is shown` });
    await (count === undefined ? there.toBeGreaterThan(0) : there.toBe(count));
  }

  async gone(): Promise<void> {
    await this.shown(0);
  }

  async says(text: string | RegExp): Promise<void> {
    const said = expect.poll(async () => (await this.texts())[0] ?? "", { message: `${this} says` });
    await (text instanceof RegExp ? said.toMatch(text) : said.toContain(text));
  }

  async has(attribute: string, value: string | RegExp): Promise<void> {
    const there = expect.poll(async () => (await this.attribute(attribute)) ?? "", { message: `${this} has ${attribute}` });
    await (value instanceof RegExp ? there.toMatch(value) : there.toBe(value));
  }

  async holds(value: string): Promise<void> {
    await expect.poll(() => this.value(), { message: `${this} holds` }).toBe(value);
  }

  async focused(): Promise<void> {
    await expect.poll(() => this.#run("return found[0] === document.activeElement;"), { message: `${this} has the focus` }).toBe(true);
  }

  toString(): string {
    return this.#steps.map(({ css, text, name }) => css + (text === null ? "" : ` “${text}”`) + (name === null ? "" : ` /${name}/`)).join(" ");
  }
}
