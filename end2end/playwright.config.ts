import { availableParallelism } from "node:os";

import { defineConfig, devices } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: true,
  // Each worker has a server and two browsers or more: on small machines one at a time is quicker, and steadier. The
  // rule is the same for everybody and for CI; WORKERS=2 asks for another number.
  workers: Number(process.env.WORKERS) || (availableParallelism() >= 4 ? 2 : 1),
  // A test that passes at the second try has found something. It is not to be hidden.
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    // A page that a service worker serves is out of reach of `page.route`. The tests that want one ask for it.
    serviceWorkers: "block",
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    // The pages as they were, but no film of them: filming every test costs a quarter of the suite's processor time.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
