// A mail server that keeps what it is given.

import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface Letter {
  to: string;
  text: string;
}

export class MailServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly letters: Letter[] = [];

  private constructor() {
    this.#server = createServer((socket) => this.#talk(socket));
  }

  static async start(): Promise<MailServer> {
    const mail = new MailServer();
    await new Promise<void>((resolve, reject) => mail.#server.once("error", reject).listen(0, "127.0.0.1", resolve));
    return mail;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The newest letter to an address with this subject. */
  find(to: string, subject: string): Letter | undefined {
    return this.letters.findLast((letter) => letter.to === to && letter.text.includes(`Subject: ${subject}`));
  }

  #talk(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
    let rest = "";
    let to = "";
    let text: string[] | undefined;
    socket.write("220 test\r\n");
    socket.on("data", (data) => {
      const lines = (rest + data.toString("utf8")).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (text !== undefined) {
          if (line !== ".") {
            text.push(line);
            continue;
          }
          this.letters.push({ to, text: text.join("\n").replaceAll("=\n", "").replaceAll("=3D", "=") });
          text = undefined;
          socket.write("250 ok\r\n");
        } else if (line === "DATA") {
          text = [];
          socket.write("354 go on\r\n");
        } else if (line === "QUIT") {
          socket.end("221 bye\r\n");
        } else {
          to = /^RCPT TO:<(.*)>/.exec(line)?.[1] ?? to;
          socket.write(line.startsWith("EHLO") ? "250-test\r\n250 8BITMIME\r\n" : "250 ok\r\n");
        }
      }
    });
  }
}
