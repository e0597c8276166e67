// A real redis-server on a free port, which keeps nothing.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./server.ts";

/** Whether it answers. */
function pong(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("data", (answer) => resolve(answer.toString().startsWith("+PONG")));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("data", () => socket.destroy());
  });
}

export class Redis {
  private constructor(
    readonly url: string,
    readonly process: ChildProcess,
    readonly folder: string,
  ) {}

  static async start(): Promise<Redis> {
    const [port, folder] = [await freePort(), await mkdtemp(path.join(tmpdir(), "lockstep-e2e-redis-"))];
    const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    const child = spawn("redis-server", options, { stdio: "ignore" });
    process.once("exit", () => child.kill("SIGKILL"));
    const deadline = Date.now() + 20_000;
    while (!(await pong(port))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error("redis-server did not get ready");
      await delay(25);
    }
    return new Redis(`redis://127.0.0.1:${port}`, child, folder);
  }

  async remove(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await gone;
    await rm(this.folder, { recursive: true, force: true });
  }
}
