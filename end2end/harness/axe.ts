// What axe finds on a page, with the rules that the interface keeps beyond its defaults.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** Each violation with the element it is about. Empty: none. `part`: a selector of the part that is looked at. */
export async function violations(page: Page, part?: string): Promise<string[]> {
  // Wait for fading colours to settle. Endless animations, such as a spinner, are not waited for.
  await page.evaluate(() => {
    const ends = (animation: Animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime);
    const running = document.getAnimations().filter(ends);
    return Promise.all(running.map((animation) => animation.finished.catch(() => {})));
  });
  const whole = new AxeBuilder({ page });
  const { violations } = await (part === undefined ? whole : whole.include(part))
    .options({ rules: { "label-content-name-mismatch": { enabled: true }, "target-size": { enabled: true } } })
    .analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes
      // One card of the board is in the tab order, and arrow keys lead to the others and scroll to them (keyboard.spec.ts):
      // axe knows of no lists but those that are a stop themselves.
      .filter(({ target }) => id !== "scrollable-region-focusable" || !String(target).includes("column-cards"))
      .map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary}`),
  );
}

/** What axe finds in the light and in the dark theme, for states that are slow to reach. */
export async function inBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await violations(page)).map((text) => `${colorScheme}: ${text}`));
  }
  await page.emulateMedia({ colorScheme: null });
  return found;
}
