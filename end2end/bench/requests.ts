// Requests past the browser: many at once, and timed.

import http from "node:http";
import type { Person } from "../harness/test.ts";

/** Requests that are under way at once, at the most. */
const AGENT = new http.Agent({ keepAlive: true, maxSockets: 16 });

/** An answer as it came over the wire. */
export interface Answer {
  status: number;
  /** The body, still compressed. */
  body: Buffer;
  /** Milliseconds until its head was there, and until all of it was. */
  head: number;
  whole: number;
}

/** The cookies of somebody who is signed in. */
export async function cookieOf(person: Person): Promise<string> {
  return (await person.context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** Sends a request as somebody. */
export function send(url: URL, cookie: string, { method = "GET", json, encoding = "identity" }: { method?: string; json?: unknown; encoding?: string } = {}): Promise<Answer> {
  const body = json === undefined ? "" : JSON.stringify(json);
  const typed = json === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const headers = { cookie, origin: url.origin, "accept-encoding": encoding, ...typed };
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent: AGENT, headers }, (answer) => {
      const head = performance.now() - began;
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts), head, whole: performance.now() - began });
      });
    });
    request.on("error", reject).end(body);
  });
}

/** The one in the middle. */
export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
