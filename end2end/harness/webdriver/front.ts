// What stands between one browser and the server: it can be cut, and it brings what the page complains about.

import { createServer, request as ask, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Server } from "../server.ts";

const HOOK = "/console-of-the-test.js";
const COMPLAINT = "/console-of-the-test";

/** Tells of errors as a console would show them, for an engine whose driver does not. */
const SCRIPT = `(() => {
  const tell = (text) => navigator.sendBeacon("${COMPLAINT}", text);
  const { error } = console;
  console.error = (...words) => {
    tell(words.map((word) => String(word?.stack ?? word)).join(" "));
    error.apply(console, words);
  };
  // What a page is still loading when it is left, does not load.
  let isLeft = false;
  addEventListener("beforeunload", () => (isLeft = true));
  addEventListener("error", ({ message, filename, lineno, target }) => {
    if (message) tell(message + " (" + filename + ":" + lineno + ")");
    else if (!isLeft) tell("did not load: " + (target.src ?? target.href?.baseVal ?? target.href));
  }, true);
  addEventListener("unhandledrejection", ({ reason }) => tell("unhandled rejection: " + reason));
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    tell("refused by the content policy: " + violatedDirective + " " + blockedURI));
})();`;

/** One network connection, at an address and so an origin of its own: nothing that is stored outlives the test. */
export class Front {
  readonly url: string;
  /** What pages with the hook have told. */
  readonly complaints: string[] = [];
  readonly #http: HttpServer;
  readonly #target: { host: string; port: number };
  readonly #open = new Set<Duplex>();
  readonly #hooked: boolean;
  #cut = false;

  private constructor(http: HttpServer, server: Server, hooked: boolean) {
    const { hostname, port } = new URL(server.url);
    this.#http = http;
    this.#target = { host: hostname, port: Number(port) };
    this.#hooked = hooked;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    http.on("connection", (socket: Socket) => this.#keep(socket));
    http.on("request", (request, response) => this.#pass(request, response));
    http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head));
  }

  static async before(server: Server, hooked: boolean): Promise<Front> {
    const http = createServer();
    await new Promise<void>((listens) => http.listen(0, "127.0.0.1", listens));
    return new Front(http, server, hooked);
  }

  /** Breaks all connections, and each new one, until it is mended. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.#http.close(closed));
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url: path, headers } = request;
    // Also while it is cut: these are the test's own.
    if (path === HOOK) return void response.writeHead(200, { "content-type": "text/javascript" }).end(SCRIPT);
    if (path === COMPLAINT) return this.#listen(request, response);
    if (this.#cut) return void request.socket.destroy();
    const hooks = this.#hooked && headers.accept?.includes("text/html") === true;
    if (hooks) delete headers["accept-encoding"];
    const onward = ask({ ...this.#target, method, path, headers }, (answer) => {
      if (hooks && answer.headers["content-type"]?.startsWith("text/html") === true) return this.#hook(answer, response);
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }

  /** Passes a page on with the script before all others. */
  #hook(answer: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    answer.on("data", (part: Buffer) => parts.push(part));
    answer.on("end", () => {
      const page = Buffer.concat(parts).toString().replace("<head>", `<head><script src="${HOOK}"></script>`);
      delete answer.headers["content-length"];
      delete answer.headers["transfer-encoding"];
      response.writeHead(answer.statusCode ?? 502, answer.headers).end(page);
    });
  }

  #listen(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      this.complaints.push(Buffer.concat(parts).toString());
      response.writeHead(204).end();
    });
  }

  #upgrade(request: IncomingMessage, client: Duplex, head: Buffer): void {
    if (this.#cut) return void client.destroy();
    const server = connect(this.#target);
    this.#keep(server);
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    const lines = request.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
    server.write([`GET ${request.url} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
    server.write(head);
    server.pipe(client);
    client.pipe(server);
  }

  #keep(socket: Duplex): void {
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy());
  }
}
