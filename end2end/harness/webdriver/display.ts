// An X display without a screen: WebKitGTK has no headless mode.

import { type ChildProcess, spawn } from "node:child_process";

export class Display {
  private constructor(
    /** As the environment variable `DISPLAY` has it. */
    readonly name: string,
    readonly process: ChildProcess,
  ) {}

  /** Starts Xvfb on a free number, which it writes to its descriptor 3. */
  static async start(): Promise<Display> {
    const options = ["-displayfd", "3", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"];
    const child = spawn("Xvfb", options, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    process.once("exit", () => child.kill("SIGKILL"));
    const number = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`Xvfb ended with ${code}`)));
      child.stdio[3]?.once("data", (text: Buffer) => resolve(text.toString().trim()));
    });
    return new Display(`:${number}`, child);
  }

  stop(): void {
    this.process.kill("SIGKILL");
  }
}
