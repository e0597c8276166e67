// What concerns one, once, on every tab and device.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { alerts, Bell, recordAlerts } from "../harness/bell.ts";
import type { Project } from "../harness/api.ts";
import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test, type People, type Person } from "../harness/test.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

interface Team {
  ann: Person;
  bob: Person;
  project: Project;
  /** The tasks by their titles. */
  task: (title: string) => string;
}

/** Ann owns a project with the tasks One and Two, and Bob is in it. */
async function team(people: People): Promise<Team> {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One", "Two"], [[bob, "editor"]]);
  const { tasks } = await ann.api.board(project);
  const task = (title: string) => tasks.find((task) => task.title === title)?.id ?? "";
  return { ann, bob, project, task };
}

/** A page with a bell that is connected. */
async function bellOf(page: Page, path: string): Promise<Bell> {
  await page.goto(path);
  await hydrated(page);
  return new Bell(page);
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}\n${html}\n${failureSummary}`));
}

test("a mention that is picked by key is one in each tab and on the phone, and one click reads it everywhere", async ({
  people,
}) => {
  const { ann, bob, project, task } = await team(people);
  const handset = await people.elsewhere(bob, phone);
  await recordAlerts(bob.context, "granted");
  await recordAlerts(handset.context, "default");
  const board = `/projects/${project.id}`;
  const tabs = [bob.page, await bob.context.newPage(), await bob.context.newPage()];
  const bells: Bell[] = [];
  for (const [n, page] of tabs.entries()) bells.push(await bellOf(page, ["/", "/account", board][n] ?? "/"));
  bells.push(await bellOf(handset.page, board));
  for (const bell of bells) await bell.counts(0);

  const panel = await (await ann.open(project)).openTask("One");
  await panel.composer.pressSequentially("Have a look, @bo");
  const picker = panel.panel.getByRole("listbox", { name: "People to mention" });
  await expect(picker.getByRole("option")).toHaveText([/Bob/]);
  await expect(panel.composer).toHaveAttribute("aria-activedescendant", /person-0/);
  await panel.composer.press("Enter");
  await expect(picker).toHaveCount(0);
  await expect(panel.composer).toHaveValue("Have a look, @Bob ");
  await panel.composer.press("Control+Enter");
  await expect(panel.comments).toHaveText([/Have a look, @Bob/]);

  for (const bell of bells) await bell.counts(1);
  const [first] = bells as [Bell];
  expect((await bob.api.notifications()).notifications).toHaveLength(1);
  await expect(first.said).toContainText("1 new notification: Ann");
  await expect.poll(() => alerts(tabs)).toHaveLength(1);
  for (const page of tabs.slice(0, 2)) await expect(page).toHaveTitle(/^\(1\) /);
  expect(await alerts([handset.page]), "nobody has asked for any on the phone").toEqual([]);

  await first.open();
  await expect(first.rows).toHaveText([/Ann/]);
  await first.rows.click();
  await expect(first.list).toBeHidden();
  await expect(bob.page).toHaveURL(new RegExp(`${board}\\?task=${task("One")}`));
  await expect(bob.page.getByRole("dialog", { name: "One" })).toBeVisible();
  await expect(bob.page.getByTestId("comment")).toBeInViewport();
  for (const bell of bells) await bell.counts(0);
  for (const page of tabs.slice(1, 2)) await expect(page).not.toHaveTitle(/^\(/);
  expect((await bob.api.notifications()).unread).toBe(0);
  expect(await alerts(tabs)).toHaveLength(1);
});

test("the browser shows nothing about a task that is being looked at, and a click on what it shows opens the task", async ({
  people,
}) => {
  const { ann, bob, project, task } = await team(people);
  await recordAlerts(bob.context, "granted");
  const other = await bob.context.newPage();
  const bell = await bellOf(bob.page, `/projects/${project.id}?task=${task("One")}`);
  await bellOf(other, "/");
  await expect(bob.page.getByRole("dialog", { name: "One" })).toBeVisible();
  await ann.api.comment(task("One"), "You see this, @Bob");
  await expect(bob.page.getByTestId("comment")).toHaveText([/You see this/]);
  await ann.api.comment(task("Two"), "But not this, @Bob");
  await bell.counts(1);
  await expect.poll(() => alerts([bob.page, other])).toHaveLength(1);
  const [shown] = await alerts([bob.page, other]);
  expect(shown?.title).toContain("Ann");

  const page = (await alerts([bob.page])).length === 1 ? bob.page : other;
  await page.evaluate(() => window.clickAlert());
  await expect(page.getByRole("dialog", { name: "Two" })).toBeVisible();
  await bell.counts(0);
});

test("what comes to the card that one looks at is read, in all tabs, and no news", async ({ people }) => {
  const { ann, bob, project, task } = await team(people);
  await ann.api.comment(task("One"), "Before, @Bob");
  const phone = await people.elsewhere(bob);
  const bells = [await bellOf(bob.page, `/projects/${project.id}`), await bellOf(phone.page, "/")] as const;
  for (const bell of bells) await bell.counts(1);
  // To open the card is to look at it.
  const board = await bob.open(project);
  const panel = await board.openTask("One");
  for (const bell of bells) await bell.counts(0);
  await ann.api.comment(task("One"), "Meanwhile, @Bob");
  await expect(panel.comments).toHaveText([/Before/, /Meanwhile/]);
  await ann.api.comment(task("Two"), "Elsewhere, @Bob");
  for (const bell of bells) await bell.counts(1);
  expect((await bob.api.notifications()).unread).toBe(1);
  await expect(bells[0].said).toContainText("1 new notification: Ann mentioned you. Two: Elsewhere");

  // Not looked at, it is news.
  await bob.page.evaluate(() => {
    document.hasFocus = () => false;
    window.dispatchEvent(new Event("blur"));
  });
  await ann.api.comment(task("One"), "Unseen, @Bob");
  for (const bell of bells) await bell.counts(2);
  await bob.page.evaluate(() => {
    document.hasFocus = () => true;
    window.dispatchEvent(new Event("focus"));
  });
  for (const bell of bells) await bell.counts(1);
});

test("one person's churn on one card is one row that counts and shows their face", async ({ people }) => {
  const { ann, bob, project, task } = await team(people);
  await ann.api.assign(task("One"), bob.user);
  await ann.api.assign(task("Two"), bob.user);
  const bell = await bellOf(bob.page, "/");
  await bell.open();
  await expect(bell.rows).toHaveCount(2);
  const { statuses } = await ann.api.board(project);
  const [todo = "", doing = "", done = ""] = statuses.map(({ id }) => id);
  await ann.api.moveTask(task("One"), { status_id: doing });
  await ann.api.moveTask(task("Two"), { status_id: doing });
  await expect(bell.rows).toHaveText([/Ann moved a card to In progress/, /Ann moved a card to In progress/, /assigned/, /assigned/]);
  for (const column of [todo, doing, done]) await ann.api.moveTask(task("One"), { status_id: column });
  await expect(bell.rows).toHaveText([/Ann moved a card 4 times, now to Done/, /Ann moved a card to In progress/, /assigned/, /assigned/]);
  await bell.counts(4);
  await expect(bell.rows.first().locator(".avatar")).toHaveText("A");
  // What is edited is quoted as it is now.
  const { id } = await ann.api.comment(task("Two"), "Frist");
  await expect(bell.rows.first()).toContainText("Frist");
  await ann.api.editComment(id, "First");
  await expect(bell.rows.first()).toContainText("First");
  await expect(bell.rows).toHaveCount(5);
});

test("the browser is asked for notifications by a button only, and can be told to stop", async ({ people }) => {
  const { ann, bob, task } = await team(people);
  await recordAlerts(bob.context, "default");
  const bell = await bellOf(bob.page, "/");
  await ann.api.comment(task("One"), "First, @Bob");
  await bell.counts(1);
  await bell.open();
  await bell.list.getByRole("button", { name: "Notify me in this browser" }).click();
  await expect(bell.list.getByRole("button", { name: "Notify me in this browser" })).toHaveCount(0);
  await ann.api.comment(task("One"), "Second, @Bob");
  await bell.counts(2);
  await expect.poll(() => alerts([bob.page])).toHaveLength(1);

  await bob.page.goto("/account");
  await hydrated(bob.page);
  const here = bob.page.getByRole("switch", { name: "Desktop notifications in this browser" });
  await expect(here).toBeChecked();
  await here.press("Space");
  await expect(here).not.toBeChecked();
  await expect(bob.page.getByTestId("alerts-state")).toHaveText("Desktop notifications are off.");
  await ann.api.comment(task("One"), "Third, @Bob");
  await bell.counts(3);
  expect(await alerts([bob.page])).toEqual([]);
});

test("all of the list by key", async ({ people }) => {
  const { ann, bob, task } = await team(people);
  for (const text of ["First", "Second", "Third"]) await ann.api.comment(task("One"), `${text}, @Bob`);
  const bell = await bellOf(bob.page, "/");
  await bell.counts(3);
  await bell.button.focus();
  await bob.page.keyboard.press("Enter");
  await expect(bell.rows.nth(0)).toBeFocused();
  await expect(bell.rows.nth(0)).toContainText("Third");
  for (const [key, at] of [["ArrowDown", 1], ["End", 2], ["ArrowDown", 2], ["ArrowUp", 1], ["Home", 0]] as const) {
    await bob.page.keyboard.press(key);
    await expect(bell.rows.nth(at), key).toBeFocused();
  }
  await bob.page.keyboard.press("Escape");
  await expect(bell.list).toBeHidden();
  await expect(bell.button).toBeFocused();
  await bob.page.keyboard.press("Enter");
  await bob.page.keyboard.press("ArrowDown");
  await bob.page.keyboard.press("Enter");
  await expect(bob.page.getByRole("dialog", { name: "One" })).toBeVisible();
  // All three are about the card that is looked at now.
  await bell.counts(0);
});

test("all are marked as read at once, here and elsewhere; refused, they are unread again", async ({ people }) => {
  const { ann, bob, task } = await team(people);
  bob.expects(REFUSED_REQUEST);
  const bell = await bellOf(bob.page, "/");
  await bell.open();
  await expect(bell.list).toContainText("No notifications yet");
  await ann.api.comment(task("One"), "One, @Bob");
  await ann.api.comment(task("Two"), "Two, @Bob");
  const elsewhere = await bellOf(await bob.context.newPage(), "/account");
  await elsewhere.counts(2);
  await expect(bell.list.getByText("Today")).toBeVisible();
  await expect(bell.rows).toHaveCount(2);

  await bell.show("Unread");
  await bob.page.route("**/api/notifications/read", (route) =>
    route.fulfill({ status: 403, json: { error: { code: "forbidden", message: "no", field: null } } }),
  );
  await bell.list.getByRole("button", { name: "Mark all as read" }).click();
  await expect(bob.page.getByTestId("toast")).toContainText("Couldn't mark as read");
  await bell.counts(2);
  await expect(bell.rows).toHaveCount(2);
  await bob.page.unroute("**/api/notifications/read");
  await bell.list.getByRole("button", { name: "Mark all as read" }).click();
  for (const one of [bell, elsewhere]) await one.counts(0);
  await expect(bell.list).toContainText("all caught up");
  await bell.show("All");
  await expect(bell.rows).toHaveCount(2);
});

test("a list of 120 goes on as one scrolls, all of them and the unread ones", async ({ people }) => {
  const { ann, bob, task } = await team(people);
  for (let n = 1; n <= 120; n += 1) await ann.api.comment(task(n % 2 ? "One" : "Two"), `Number ${n}, @Bob`);
  const bell = await bellOf(bob.page, "/");
  await bell.counts(120);
  await expect(bell.button).toHaveText("99+");
  await bell.open();
  await expect(bell.rows).toHaveCount(50);
  await bell.rows.last().scrollIntoViewIfNeeded();
  await expect(bell.rows).toHaveCount(100);
  await bell.rows.last().scrollIntoViewIfNeeded();
  await expect(bell.rows).toHaveCount(120);
  await expect(bell.rows.last()).toContainText("Number 1,");
  // Each one once, in order.
  const numbers = (await bell.rows.allInnerTexts()).map((text) => Number(/Number (\d+)/.exec(text)?.[1]));
  expect(numbers).toEqual(Array.from({ length: 120 }, (_, index) => 120 - index));

  await bob.page.reload();
  await hydrated(bob.page);
  await bell.open();
  await bell.show("Unread");
  await expect(bell.rows).toHaveCount(50);
  await bell.rows.last().scrollIntoViewIfNeeded();
  await expect(bell.rows).toHaveCount(100);
  await bell.rows.last().scrollIntoViewIfNeeded();
  await expect(bell.rows).toHaveCount(120);
});

test("a page of the list that cannot be had says so, and comes when it is asked for again", async ({ people }) => {
  const { ann, bob, task } = await team(people);
  bob.expects(LOST_CONNECTION);
  for (let n = 1; n <= 60; n += 1) await ann.api.comment(task("One"), `Number ${n}, @Bob`);
  const bell = await bellOf(bob.page, "/");
  await bell.counts(60);
  await bob.page.route("**/api/notifications?*", (route) => route.abort());
  await bell.open();
  await bell.rows.last().scrollIntoViewIfNeeded();
  const problem = bell.list.getByRole("alert");
  await expect(problem).toContainText("Can't reach the server");
  await bob.page.unroute("**/api/notifications?*");
  await problem.getByRole("button", { name: "Retry" }).click();
  await expect(bell.rows).toHaveCount(60);
});

test("the tab's title and icon follow the count", async ({ people }) => {
  const { ann, bob, project, task } = await team(people);
  const bell = await bellOf(bob.page, `/projects/${project.id}`);
  const icon = bob.page.locator("link[rel=icon]");
  await expect(icon).toHaveAttribute("href", "/favicon.svg");
  await ann.api.comment(task("One"), "Look, @Bob");
  await bell.counts(1);
  await expect(bob.page).toHaveTitle(`(1) ${project.name} · Lockstep`);
  await expect(icon).toHaveAttribute("href", "/favicon-unread.svg");
  expect((await bob.page.request.get("/favicon-unread.svg")).ok()).toBe(true);
  await bob.api.readAll();
  await bell.counts(0);
  await expect(bob.page).toHaveTitle(`${project.name} · Lockstep`);
  await expect(icon).toHaveAttribute("href", "/favicon.svg");
});

test("on a phone the list is a sheet as wide as the screen", async ({ people }) => {
  const { ann, bob, project, task } = await team(people);
  await ann.api.comment(task("One"), `${"A long story, ".repeat(20)}@Bob`);
  const handset = await people.elsewhere(bob, phone);
  const bell = await bellOf(handset.page, `/projects/${project.id}`);
  await bell.counts(1);
  await bell.open();
  await expect.poll(async () => (await bell.list.boundingBox())?.width).toBe(390);
  await bell.rows.tap();
  await expect(handset.page.getByRole("dialog", { name: "One" })).toBeVisible();
  await bell.counts(0);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing in the list, ${colorScheme}`, async ({ people }) => {
    const ann = await people.register("Ann");
    const bob = await people.register("Bob", { colorScheme });
    const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
    await recordAlerts(bob.context, "default");
    const bell = await bellOf(bob.page, "/");
    await bell.open();
    expect(await violations(bob.page), "empty").toEqual([]);
    const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
    await ann.api.comment(id, "Look, @Bob");
    await ann.api.assign(id, bob.user);
    await ann.api.updateTask(id, { blocked_reason: "Waiting" });
    await expect(bell.rows).toHaveCount(3);
    expect(await violations(bob.page), "three").toEqual([]);
  });
}
