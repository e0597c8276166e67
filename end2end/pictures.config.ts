import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

/** Draws the README's pictures, sharp on dense screens. */
export default defineConfig({
  ...tests,
  testDir: "pictures",
  workers: 1,
  use: { ...tests.use, viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 },
});
