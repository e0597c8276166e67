// The README's pictures, of the demo as a first start shows it. `make pictures`.

import type { Page } from "@playwright/test";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, hydrated, test } from "../harness/test.ts";

const docs = path.resolve(import.meta.dirname, "../../docs");
/** What a README may make its reader download for one picture. */
const LARGEST = 200 * 1024;

/** Saves what a page shows as WebP, which Playwright does not write but Chromium does. */
async function save(page: Page, name: string): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  const png = (await page.screenshot()).toString("base64");
  const blank = await page.context().newPage();
  const webp = await blank.evaluate(async (source) => {
    const image = new Image();
    image.src = `data:image/png;base64,${source}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.9 });
    return Array.from(new Uint8Array(await blob.arrayBuffer()));
  }, png);
  await blank.close();
  expect(webp.length, `${name} is too large for a README`).toBeLessThan(LARGEST);
  await writeFile(path.join(docs, name), Uint8Array.from(webp));
}

test("the board, and the team's workload", async ({ people }) => {
  const { page } = await people.visitor({ colorScheme: "light" });
  await page.goto("/login");
  await hydrated(page);
  await page.getByRole("region", { name: "Try the demo" }).getByRole("button").first().click();
  await page.getByRole("main").getByRole("listitem").first().getByRole("link").click();
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
  await expect(page.getByTestId("task-card").first()).toBeVisible();
  await page.mouse.move(0, 0);
  await save(page, "board.webp");

  await page.goto("/oversight/workload?weeks=4");
  await hydrated(page);
  await expect(page.getByTestId("load-row").first()).toBeVisible();
  await save(page, "oversight.webp");
});
