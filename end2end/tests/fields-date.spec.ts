// A due date is typed as people write it, or chosen from a month, and written once.

import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, hydrated, projectWith, test, type People, type Person } from "../harness/test.ts";

function date(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

interface Dated {
  ann: Person;
  page: Page;
  due: Locator;
  panel: Locator;
  /** The due dates that were sent. */
  sent: unknown[];
  stored: () => Promise<string | null>;
}

async function open(people: People, options = {}): Promise<Dated> {
  const ann = await people.register("Ann", { timezoneId: "UTC", ...options });
  const project = await projectWith(ann, []);
  const { id } = await ann.api.createTask(project, { title: "Fix the roof" });
  const board = await ann.open(project);
  const { panel } = await board.openTask("Fix the roof");
  const sent: unknown[] = [];
  ann.page.on("request", (request) => {
    if (request.method() === "PATCH" && request.url().endsWith(id)) sent.push(request.postDataJSON());
  });
  const stored = async () => (await ann.api.task(id)).due_at?.slice(0, 10) ?? null;
  return { ann, page: ann.page, due: panel.getByLabel("Due", { exact: true }), panel, sent, stored };
}

test("a date that is typed by keys is one write, when it is complete", async ({ people }) => {
  const { due, sent, stored } = await open(people);
  await due.pressSequentially("2031-12-0");
  await expect(due).toHaveValue("2031-12-0");
  expect(sent).toEqual([]);
  await due.pressSequentially("1");
  await expect.poll(stored).toBe("2031-12-01");
  await expect(due, "nothing is rewritten while it is typed").toHaveValue("2031-12-01");
  await due.press("Tab");
  await expect(due).toHaveValue("1 Dec 2031");
  expect(sent).toHaveLength(1);
});

for (const [typed, days, shown] of [["tomorrow", 1, "Tomorrow"], ["+3", 3, null], ["yesterday", -1, "Yesterday"]] as const) {
  test(`“${typed}” is a date`, async ({ people }) => {
    const { due, page, sent, stored } = await open(people);
    await due.pressSequentially(typed);
    await due.press("Enter");
    await expect.poll(stored).toBe(date(days));
    await due.blur();
    if (shown !== null) await expect(due).toHaveValue(shown);
    // The same words as on the card.
    await expect(page.locator(".card-due")).toContainText(await due.inputValue());
    expect(sent).toHaveLength(1);
  });
}

test("what is no date is refused in words, and the date stays", async ({ people }) => {
  const { due, sent, stored } = await open(people);
  for (const [typed, reason] of [
    ["soon", "Enter a date, like 24 Nov or 2026-11-24."],
    ["0202-11-24", "Enter a date from 1970 to 2999."],
    ["31.4.", "Enter a date, like 24 Nov or 2026-11-24."],
  ] as const) {
    await due.fill("");
    await due.pressSequentially(typed);
    await due.press("Enter");
    await expect(due).toHaveAccessibleDescription(reason);
    await expect(due).toHaveValue(typed);
  }
  await due.press("Escape");
  await expect(due).toHaveValue("");
  expect(sent).toEqual([]);
  expect(await stored()).toBeNull();
});

test("the order of day and month is the reader's", async ({ people }) => {
  const { due, stored } = await open(people, { locale: "en-GB" });
  await due.fill("2/12/2031");
  await due.press("Enter");
  await expect.poll(stored).toBe("2031-12-02");
  const american = await open(people, { locale: "en-US" });
  await american.due.fill("12/2/2031");
  await american.due.press("Enter");
  await expect.poll(american.stored).toBe("2031-12-02");
});

/** How far a popover is from its field, in CSS pixels. */
async function apart(popover: Locator, field: Locator): Promise<number> {
  const [one, other] = [await popover.boundingBox(), await field.boundingBox()];
  if (one === null || other === null) return Number.POSITIVE_INFINITY;
  const across = Math.max(one.x - other.x - other.width, other.x - one.x - one.width, 0);
  const down = Math.max(one.y - other.y - other.height, other.y - one.y - one.height, 0);
  return Math.max(across, down);
}

test("a date is chosen by keys, and the focus goes back to the field", async ({ people }) => {
  const { page, due, sent, stored } = await open(people);
  await due.fill("2031-12-31");
  await expect.poll(stored).toBe("2031-12-31");
  await due.press("ArrowDown");
  const picker = page.getByRole("dialog", { name: "Choose a date" });
  const day = (name: string) => picker.getByRole("button", { name, exact: true });
  await expect(day("Wednesday, December 31, 2031")).toBeFocused();
  await expect.poll(() => apart(picker, due)).toBeLessThan(16);
  await page.keyboard.press("ArrowRight");
  await expect(day("Thursday, January 1, 2032")).toBeFocused();
  await expect(picker.getByRole("heading")).toHaveText("January 2032");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Home");
  await expect(day("Monday, January 5, 2032")).toBeFocused();
  await page.keyboard.press("PageDown");
  await expect(day("Thursday, February 5, 2032")).toBeFocused();
  await page.keyboard.press("Shift+PageUp");
  await expect(day("Wednesday, February 5, 2031")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(picker).toBeHidden();
  await expect(due).toBeFocused();
  await expect.poll(stored).toBe("2031-02-05");
  expect(sent).toHaveLength(2);
});

test("Esc closes the month and not the panel", async ({ people }) => {
  const { page, panel, due, sent } = await open(people);
  await due.press("ArrowDown");
  const picker = page.getByRole("dialog", { name: "Choose a date" });
  await expect(picker).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(picker).toBeHidden();
  await expect(panel).toBeVisible();
  expect(sent).toEqual([]);
});

test("today, tomorrow, next Monday, and none", async ({ people }) => {
  const { page, panel, due, stored } = await open(people);
  const button = panel.getByRole("button", { name: "Choose a date" }).last();
  const picker = page.getByRole("dialog", { name: "Choose a date" });
  const monday = 7 - ((new Date().getUTCDay() + 6) % 7);
  for (const [name, days] of [["Today", 0], ["Tomorrow", 1], ["Next Monday", monday]] as const) {
    await button.click();
    await picker.getByRole("button", { name, exact: true }).click();
    await expect.poll(stored).toBe(date(days));
  }
  await button.click();
  await picker.getByRole("button", { name: "Clear" }).click();
  await expect.poll(stored).toBeNull();
  await expect(due).toHaveValue("");
});

test("the month speaks the reader's language and begins on their day", async ({ people }) => {
  const { ann, page, due, stored } = await open(people, { locale: "de-DE" });
  await due.fill("2031-12-01");
  await expect.poll(stored).toBe("2031-12-01");
  await due.press("ArrowDown");
  const picker = page.getByRole("dialog", { name: "Choose a date" });
  await expect(picker.getByRole("heading")).toHaveText("Dezember 2031");
  await expect(picker.getByRole("columnheader").first()).toHaveText("Mo");
  await page.goto("/account");
  await hydrated(page);
  await page.getByLabel("First day of the week").selectOption("Sunday");
  await expect.poll(() => ann.api.preferences()).toMatchObject({ first_weekday: "sunday" });
  await page.goBack();
  await hydrated(page);
  await due.press("ArrowDown");
  await expect(picker.getByRole("columnheader").first()).toHaveText("So");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the month is accessible in the ${colorScheme} theme`, async ({ people }) => {
    const { page, due } = await open(people, { colorScheme });
    await due.press("ArrowDown");
    await expect(page.getByRole("dialog", { name: "Choose a date" })).toBeVisible();
    await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}\n${html}\n${failureSummary}`))).toEqual([]);
  });
}
