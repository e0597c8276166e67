// Lighthouse on three pages, as a phone with a slow network sees them on a first visit. Lighthouse is large, and only
// measuring needs it: `make bench` installs it under the target folder, and names it in LIGHTHOUSE.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, projectWith, test } from "../harness/test.ts";
import { cookieOf } from "./requests.ts";

interface Report {
  categories: Record<string, { score: number | null }>;
  audits: Record<string, { displayValue?: string }>;
}

/** What Lighthouse finds, with the cookies of somebody or of nobody. */
async function report(url: string, cookie: string): Promise<Report> {
  const lighthouse = process.env.LIGHTHOUSE;
  if (lighthouse === undefined) throw new Error("LIGHTHOUSE names no program.");
  const words = [url, "--output=json", "--quiet", "--only-categories=performance,accessibility,best-practices"];
  if (cookie !== "") words.push(`--extra-headers=${JSON.stringify({ Cookie: cookie })}`);
  words.push("--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking");
  const { stdout } = await promisify(execFile)(lighthouse, words, {
    env: { ...process.env, CHROME_PATH: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium" },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Report;
}

test("Lighthouse, as a phone", async ({ people, server }) => {
  test.setTimeout(400_000);
  const ann = await people.register("Ann");
  const titles = Array.from({ length: 57 }, (_, number) => `Task ${number}`);
  const project = await projectWith(ann, titles);
  const cookie = await cookieOf(ann);
  const pages = [
    ["/login", ""],
    ["/", cookie],
    [`/projects/${project.id}`, cookie],
  ] as const;
  for (const [path, cookies] of pages) {
    const { categories, audits } = await report(server.url + path, cookies);
    const scores = Object.entries(categories).map(([name, { score }]) => `${name} ${((score ?? 0) * 100).toFixed(0)}`);
    const times = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"];
    const values = times.map((name) => `${name} ${audits[name]?.displayValue ?? "?"}`);
    console.log(`| Lighthouse, ${path.replace(project.id, "…")} | ${[...scores, ...values].join(", ")} |`);
    expect(categories.performance?.score, path).not.toBeNull();
  }
});
