// What stands before a server in many networks: it passes requests, and has its own mind about WebSockets.

import { createServer, request as ask, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { AddressInfo } from "node:net";
import type { Server } from "./server.ts";

/** What becomes of an upgrade: passed, answered with 403, never answered, accepted and closed, accepted without a frame. */
export type Upgrades = "pass" | "refuse" | "hang" | "close" | "swallow";

export class Proxy {
  readonly url: string;
  upgrades: Upgrades;
  /** How many upgrades were asked for. */
  asked = 0;
  readonly #http: HttpServer;
  readonly #target: { host: string; port: number };
  readonly #open = new Set<Duplex>();

  private constructor(http: HttpServer, server: Server, upgrades: Upgrades) {
    const { hostname, port } = new URL(server.url);
    this.#http = http;
    this.#target = { host: hostname, port: Number(port) };
    this.upgrades = upgrades;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    http.on("request", (request, response) => this.#pass(request, response));
    http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head));
  }

  static async before(server: Server, upgrades: Upgrades): Promise<Proxy> {
    const http = createServer();
    await new Promise<void>((listens) => http.listen(0, "127.0.0.1", listens));
    return new Proxy(http, server, upgrades);
  }

  /** From now on. What is open is cut. */
  become(upgrades: Upgrades): void {
    this.upgrades = upgrades;
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.become("refuse");
    this.#http.closeAllConnections();
    await new Promise((closed) => this.#http.close(closed));
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url: path, headers } = request;
    const onward = ask({ ...this.#target, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }

  #upgrade(request: IncomingMessage, client: Duplex, head: Buffer): void {
    this.asked += 1;
    this.#keep(client);
    if (this.upgrades === "refuse") return void client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    if (this.upgrades === "hang") return;
    const { upgrades } = this;
    const server: Socket = connect(this.#target);
    this.#keep(server);
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    const lines = request.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
    server.write([`GET ${request.url} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
    if (upgrades === "pass") {
      server.write(head);
      server.pipe(client);
      client.pipe(server);
      return;
    }
    let answer = "";
    server.on("data", (bytes: Buffer) => {
      const before = answer.indexOf("\r\n\r\n");
      answer += bytes.toString("latin1");
      const end = answer.indexOf("\r\n\r\n");
      if (before >= 0 || end < 0) return;
      client.write(answer.slice(0, end + 4));
      if (upgrades === "close") client.end();
    });
  }

  #keep(socket: Duplex): void {
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy());
  }
}
