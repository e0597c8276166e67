import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

/** The same browser as the tests', one at a time: here it is measured. */
export default defineConfig({ ...tests, testDir: "bench", workers: 1, timeout: 180_000, use: { ...tests.use, trace: "off", screenshot: "off" } });
