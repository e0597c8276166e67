import { defineConfig } from "@playwright/test";
import type { EngineName } from "./harness/webdriver/driver.ts";

// Playwright runs these tests, but its browsers are not in them: Firefox and WebKit are the system's, by WebDriver.
export default defineConfig<object, { engine: EngineName }>({
  testDir: "engines",
  outputDir: "test-results/engines-output",
  // Two browsers at a time are enough for two cores. Each engine starts once.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  projects: [
    { name: "firefox", use: { engine: "firefox" } },
    { name: "webkit", use: { engine: "webkit" } },
  ],
});
