// The process that speaks WebDriver for an engine: geckodriver, or WebKitGTK's.

import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../server.ts";
import { Display } from "./display.ts";

export type EngineName = "firefox" | "webkit";

/** Debian's browsers. Others are named in the environment. */
const FIREFOX = process.env.FIREFOX_PATH ?? "/usr/bin/firefox-esr";
const MINI_BROWSERS = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"].map((folder) => `${folder}/webkit2gtk-4.1/MiniBrowser`);
const MINI_BROWSER = process.env.MINI_BROWSER_PATH ?? MINI_BROWSERS.find(existsSync) ?? MINI_BROWSERS[0];

export class DriverProcess {
  private constructor(
    readonly url: string,
    readonly process: ChildProcess,
    readonly display: Display | undefined,
  ) {}

  static async start(engine: EngineName, logFile: string): Promise<DriverProcess> {
    const port = await freePort();
    const display = engine === "webkit" ? await Display.start() : undefined;
    const [command, options] =
      engine === "firefox"
        ? // The system access is for the input method: only the browser's own code can play one.
          ["geckodriver", ["--port", String(port), "--websocket-port", "0", "--allow-system-access"]]
        : ["WebKitWebDriver", [`--port=${port}`]];
    await mkdir(path.dirname(logFile), { recursive: true });
    const log = createWriteStream(logFile, { flags: "a" });
    const child = spawn(command, options, {
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, which ends with all that the driver has started.
      detached: true,
      // WebKit makes a language of the locale: here `C`, which is none. Pages have to bear it.
      env: { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC", ...(display && { DISPLAY: display.name }) },
    });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    const driver = new DriverProcess(`http://127.0.0.1:${port}`, child, display);
    process.once("exit", () => driver.stop());
    await driver.#ready();
    return driver;
  }

  async #ready(): Promise<void> {
    let failure: Error | undefined;
    this.process.once("error", (error) => (failure = error));
    const deadline = Date.now() + 20_000;
    for (;;) {
      if (failure !== undefined) throw failure;
      if (this.process.exitCode !== null) throw new Error(`${this.process.spawnfile} ended with ${this.process.exitCode}`);
      const answer = await fetch(`${this.url}/status`).catch(() => undefined);
      if (answer?.ok) return;
      if (Date.now() > deadline) throw new Error(`${this.process.spawnfile} did not get ready`);
      await delay(25);
    }
  }

  /** Ends the driver and its browser, whatever they are doing. */
  stop(): void {
    const { pid } = this.process;
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // All of them have ended already.
    }
    this.display?.stop();
  }
}

/** What a new session asks for. */
export function capabilities(engine: EngineName): Record<string, unknown> {
  if (engine === "webkit") {
    return { browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary: MINI_BROWSER, args: ["--automation"] } };
  }
  return {
    browserName: "firefox",
    webSocketUrl: true,
    // A draft that is not saved may ask before the page is left.
    unhandledPromptBehavior: "accept",
    "moz:firefoxOptions": {
      binary: FIREFOX,
      args: ["-headless"],
      prefs: { "intl.accept_languages": "en-US", "ui.prefersReducedMotion": 0 },
    },
  };
}
