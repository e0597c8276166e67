// A browser of another engine, driven by WebDriver.

import { Builder, Key, Origin, type WebDriver } from "selenium-webdriver";
import { Context, type Driver as FirefoxDriver } from "selenium-webdriver/firefox.js";
import { capabilities, DriverProcess, type EngineName } from "./driver.ts";
import { Part, type Marks } from "./part.ts";

/** What WebDriver BiDi says of a line of the console, or of an exception. */
interface LogEntry {
  method?: string;
  params?: { level: string; text: string | null };
}

export class Browser {
  /** The errors of its console since they were last taken. Empty where the driver does not tell. */
  complaints: string[] = [];

  private constructor(
    readonly engine: EngineName,
    readonly driver: WebDriver,
    readonly process: DriverProcess,
  ) {}

  static async start(engine: EngineName, logFile: string): Promise<Browser> {
    const process = await DriverProcess.start(engine, logFile);
    const driver = await new Builder().usingServer(process.url).withCapabilities(capabilities(engine)).build();
    const browser = new Browser(engine, driver, process);
    await driver.manage().window().setRect({ width: 1440, height: 900 });
    if (browser.tellsErrors) await browser.#listen();
    return browser;
  }

  /** Whether its driver tells of what is in the console. */
  get tellsErrors(): boolean {
    return this.engine === "firefox";
  }

  async #listen(): Promise<void> {
    const bidi = await this.driver.getBidi();
    await bidi.subscribe("log.entryAdded", []);
    bidi.socket.addEventListener("message", ({ data }) => {
      const { method, params } = JSON.parse(String(data)) as LogEntry;
      if (method === "log.entryAdded" && params?.level === "error") this.complaints.push(params.text ?? "");
    });
  }

  part(css: string, marks: Marks = {}): Part {
    return new Part(this.driver, css, marks);
  }

  button(name: string | RegExp): Part {
    return this.part("button", { name });
  }

  /** Presses keys one after the other, wherever the focus is. */
  async press(...keys: string[]): Promise<void> {
    await this.driver.actions().sendKeys(...keys).perform();
  }

  async chord(modifier: string, key: string): Promise<void> {
    await this.driver.actions().keyDown(modifier).sendKeys(key).keyUp(modifier).perform();
  }

  /** Moves the mouse there. `over` is how long it takes, in milliseconds. */
  async pointAt({ x, y }: { x: number; y: number }, over = 100): Promise<void> {
    await this.driver.actions().move({ x, y, duration: over, origin: Origin.VIEWPORT }).perform();
  }

  async pressMouse(): Promise<void> {
    await this.driver.actions().press().perform();
  }

  async releaseMouse(): Promise<void> {
    await this.driver.actions().release().perform();
  }

  /**
   * Composes a text with an input method, decides it, and calls `meanwhile` while it is not decided. In Firefox it is
   * the browser's own; elsewhere the events are those of one, but the page's script has made them.
   */
  async compose(text: string, decided: string, meanwhile: () => Promise<void>): Promise<void> {
    if (this.engine !== "firefox") return this.#pretendToCompose(text, decided, meanwhile);
    const driver = this.driver as FirefoxDriver;
    await driver.setContext(Context.CHROME);
    await driver.executeScript(
      `const [text] = arguments;
       const method = Cc["@mozilla.org/text-input-processor;1"].createInstance(Ci.nsITextInputProcessor);
       if (!method.beginInputTransactionForTests(window)) throw new Error("no input transaction");
       window.inputMethod = method;
       method.setPendingCompositionString(text);
       method.appendClauseToPendingComposition(text.length, method.ATTR_RAW_CLAUSE);
       method.setCaretInPendingComposition(text.length);
       if (!method.flushPendingComposition()) throw new Error("no composition");`,
      text,
    );
    await driver.setContext(Context.CONTENT);
    await meanwhile();
    await driver.setContext(Context.CHROME);
    await driver.executeScript(
      `const [text] = arguments;
       const enter = new KeyboardEvent("", { key: "Enter", code: "Enter", keyCode: 13 });
       window.inputMethod.keydown(enter);
       window.inputMethod.commitCompositionWith(text);
       window.inputMethod.keyup(enter);`,
      decided,
    );
    await driver.setContext(Context.CONTENT);
  }

  async #pretendToCompose(text: string, decided: string, meanwhile: () => Promise<void>): Promise<void> {
    const play = (script: string, word: string) =>
      this.driver.executeScript(
        `const [word] = arguments;
         const field = document.activeElement;
         const key = (name) => field.dispatchEvent(new KeyboardEvent("keydown",
           { key: name, code: name, keyCode: 229, which: 229, isComposing: true, bubbles: true, cancelable: true }));
         const compose = (type) => field.dispatchEvent(new CompositionEvent(type, { data: word, bubbles: true, cancelable: true }));
         const write = (type) => {
           field.setRangeText(word, 0, field.value.length, "end");
           field.dispatchEvent(new InputEvent("input", { inputType: type, data: word, isComposing: true, bubbles: true }));
         };
         ${script}`,
        word,
      );
    await play(`key("n"); compose("compositionstart"); compose("compositionupdate"); write("insertCompositionText"); key("Enter"); key("Escape");`, text);
    await meanwhile();
    // Safari ends the composition first, and then sends its Enter as any other.
    await play(
      `write("insertCompositionText"); compose("compositionend");
       field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", keyCode: 229, bubbles: true, cancelable: true }));`,
      decided,
    );
  }

  async stop(): Promise<void> {
    // A browser that hangs is ended with its driver.
    await Promise.race([this.driver.quit().catch(() => {}), new Promise((late) => setTimeout(late, 5_000).unref())]);
    this.process.stop();
  }
}

export { Key };
