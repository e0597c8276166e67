// A real `lockstep` on a free port, with a data folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, existsSync, type WriteStream } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

const root = path.resolve(import.meta.dirname, "../..");

/** The server under test: the one that is named, or else the release, or else the debug build. */
function binary(): string {
  const target = path.resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
  const built = ["release/lockstep", "debug/lockstep"].map((file) => path.join(target, file)).find(existsSync);
  const file = process.env.LOCKSTEP_BIN ?? built;
  if (file === undefined || !existsSync(file)) {
    throw new Error(`No server at ${file ?? target}: run \`make build\`, or name one in LOCKSTEP_BIN.`);
  }
  return file;
}

/** What `/metrics` and `/health/realtime` want to see. */
export const METRICS_TOKEN = "a-token-of-the-browser-tests";

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export interface Settings {
  /** With the demo project and its accounts. */
  demo?: boolean;
  /** The Redis that it shares with its neighbours. */
  redis?: string;
  /** The port of the mail server that it sends by. */
  smtp?: number;
}

/** One server. It keeps its port and its data over stops and starts. */
export class Server {
  readonly url: string;
  readonly #port: number;
  readonly #data: string;
  readonly #log: WriteStream;
  readonly #settings: Settings;
  readonly #neighbours: Server[] = [];
  #panics: string[] = [];
  #process: ChildProcess | undefined;

  private constructor(port: number, data: string, log: WriteStream, settings: Settings) {
    this.#port = port;
    this.#data = data;
    this.#log = log;
    this.#settings = settings;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts a new one, ready for requests. What it logs goes to `logFile`. */
  static async start(logFile: string, settings: Settings = {}): Promise<Server> {
    const data = await mkdtemp(path.join(tmpdir(), "lockstep-e2e-"));
    await mkdir(path.dirname(logFile), { recursive: true });
    const server = new Server(await freePort(), data, createWriteStream(logFile, { flags: "a" }), settings);
    await server.start();
    return server;
  }

  /** Where it and its neighbours have panicked since the last look. A page may well survive that, and hide it. */
  takePanics(): string[] {
    const panics = [this.#panics, ...this.#neighbours.map((server) => server.takePanics())].flat();
    this.#panics = [];
    return panics;
  }

  /** What it logs. */
  get logFile(): string {
    return String(this.#log.path);
  }

  /** Starts another node on the same data. It ends when this one is removed. */
  async beside(): Promise<Server> {
    const server = new Server(await freePort(), this.#data, this.#log, this.#settings);
    this.#neighbours.push(server);
    await server.start();
    return server;
  }

  /** Runs a subcommand of `lockstep` on its data, as its operator does. */
  async operator(...words: string[]): Promise<void> {
    const child = spawn(binary(), [...words, "--data-dir", this.#data], {
      stdio: "ignore",
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
    });
    const code = await new Promise((resolve) => child.once("exit", resolve));
    if (code !== 0) throw new Error(`lockstep ${words.join(" ")} ended with ${code}`);
  }

  /** Starts it again, after `stop` or `kill`. */
  async start(): Promise<void> {
    const child = spawn(binary(), ["serve"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        RUST_BACKTRACE: "1",
        ...(process.env.LOCKSTEP_SITE === undefined ? {} : { LOCKSTEP_SITE: process.env.LOCKSTEP_SITE }),
        ...(this.#settings.redis === undefined ? {} : { REDIS_URL: this.#settings.redis }),
        ...(this.#settings.smtp === undefined
          ? {}
          : {
              LOCKSTEP_SMTP_URL: `smtp://127.0.0.1:${this.#settings.smtp}`,
              LOCKSTEP_MAIL_FROM: "Lockstep <lockstep@example.org>",
              LOCKSTEP_PUBLIC_URL: this.url,
            }),
        LOCKSTEP_ADDR: `127.0.0.1:${this.#port}`,
        LOCKSTEP_DATA_DIR: this.#data,
        LOCKSTEP_METRICS_TOKEN: METRICS_TOKEN,
        LOCKSTEP_DEMO: this.#settings.demo ? "1" : "0",
        // Every test signs in from one address.
        LOCKSTEP_AUTH_LIMIT: "0",
        LOCKSTEP_ACCOUNT_LIMIT: "0",
        // Boards are filled faster than anybody types.
        LOCKSTEP_WRITES_PER_SECOND: "0",
      },
    });
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.includes("panicked at")) this.#panics.push(line);
    });
    this.#process = child;
    process.once("exit", () => child.kill("SIGKILL"));
    await this.#ready(child);
  }

  async #ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}: see ${this.#log.path}`);
      const answer = await fetch(`${this.url}/ready`).catch(() => undefined);
      if (answer?.ok) return;
      await delay(25);
    }
    throw new Error(`The server did not get ready: see ${this.#log.path}`);
  }

  /** Ends it as an operator does. Resolves when it is gone. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Ends it as a power cut does. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  /** Copies its data, while it is stopped. Returns where the copy is. */
  async backUp(): Promise<string> {
    const copy = `${this.#data}-backup`;
    await cp(this.#data, copy, { recursive: true });
    return copy;
  }

  /** Puts a copy in the place of its data, while it is stopped. */
  async restore(copy: string): Promise<void> {
    await rm(this.#data, { recursive: true, force: true });
    await cp(copy, this.#data, { recursive: true });
  }

  /** Ends it and takes its data away. */
  async remove(): Promise<void> {
    await Promise.all([this, ...this.#neighbours].map((server) => server.kill()));
    this.#log.end();
    await rm(this.#data, { recursive: true, force: true });
    await rm(`${this.#data}-backup`, { recursive: true, force: true });
  }
}
