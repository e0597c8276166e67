// The bell of a page, and what the browser shows outside of it.

import { type BrowserContext, expect, type Locator, type Page } from "@playwright/test";

export class Bell {
  readonly button: Locator;
  readonly list: Locator;
  readonly rows: Locator;
  /** What was last read out. */
  readonly said: Locator;

  constructor(readonly page: Page) {
    this.button = page.getByTestId("bell");
    this.list = page.getByRole("group", { name: "Notifications" });
    this.rows = this.list.getByTestId("notification");
    this.said = page.getByTestId("bell-said");
  }

  /** The badge, and what a screen reader hears of it. */
  async counts(unread: number): Promise<void> {
    await expect(this.button).toHaveAttribute("data-unread", String(unread));
    await expect(this.button).toHaveAccessibleName(unread === 0 ? "Notifications" : `Notifications, ${unread} unread`);
  }

  async open(): Promise<void> {
    await this.button.click();
    await expect(this.list).toBeVisible();
  }

  async show(which: "All" | "Unread"): Promise<void> {
    await this.list.getByRole("radio", { name: which }).check();
  }
}

/** A notification that the browser was asked to show. */
export interface Alert {
  title: string;
  body: string;
}

declare global {
  interface Window {
    alerts: Alert[];
    clickAlert: () => void;
  }
}

/** Puts a recorder in the place of the browser's notifications, in all pages of a context that are opened from here on. */
export async function recordAlerts(context: BrowserContext, permission: NotificationPermission): Promise<void> {
  await context.addInitScript((given) => {
    const KEY = "test-permission";
    window.alerts = [];
    class Recorded {
      static get permission(): string {
        return localStorage.getItem(KEY) ?? given;
      }

      static async requestPermission(): Promise<string> {
        localStorage.setItem(KEY, "granted");
        return "granted";
      }

      onclick: (() => void) | null = null;

      constructor(title: string, { body = "" }: NotificationOptions = {}) {
        window.alerts.push({ title, body });
        window.clickAlert = () => this.onclick?.();
      }

      close(): void {}
    }
    Object.defineProperty(window, "Notification", { value: Recorded });
  }, permission);
}

/** All that these pages have asked the browser to show. */
export async function alerts(pages: Page[]): Promise<Alert[]> {
  return (await Promise.all(pages.map((page) => page.evaluate(() => window.alerts)))).flat();
}
