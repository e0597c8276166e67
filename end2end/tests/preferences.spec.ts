// What one wants to be told.

import { AxeBuilder } from "@axe-core/playwright";
import { recordAlerts } from "../harness/bell.ts";
import { date, OversightPage } from "../harness/oversight.ts";
import { expect, hydrated, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

test("a switch is saved at once, and what is switched off does not come", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
  await bob.page.goto("/account");
  await hydrated(bob.page);
  const section = bob.page.getByRole("region", { name: "Notifications" });
  const mentions = section.getByRole("switch", { name: "Mentions: Bell" });
  await expect(mentions).toBeChecked();
  await mentions.click();
  await expect(section.getByRole("status")).toHaveText("Saved");
  await expect(mentions).not.toBeChecked();
  const { kinds } = await bob.api.preferences();
  expect(kinds.find(({ kind }) => kind === "mention")?.channels.bell).toBe(false);

  await ann.api.comment(id, "Look, @Bob");
  await ann.api.assign(id, bob.user);
  await expect(bob.page.getByTestId("bell")).toHaveAttribute("data-unread", "1");
  expect((await bob.api.notifications()).notifications.map(({ type }) => type)).toEqual(["assignment"]);
  await bob.page.reload();
  await hydrated(bob.page);
  await expect(mentions).not.toBeChecked();
});

test("without e-mail on the server its column cannot be used, and the page says why", async ({ people }) => {
  const ann = await people.register("Ann");
  await ann.page.goto("/account");
  await hydrated(ann.page);
  await expect(ann.page.getByText("E-mail isn't set up on this server.")).toBeVisible();
  const mail = ann.page.getByRole("switch", { name: /: E-mail$/ });
  await expect(mail).toHaveCount(8);
  for (const one of await mail.all()) await expect(one).toBeDisabled();
});

test("quiet hours, a muted project and a time zone", async ({ people }) => {
  const ann = await people.register("Ann", { timezoneId: "America/New_York" });
  const project = await ann.api.createProject("Noisy");
  await ann.page.goto("/account");
  await hydrated(ann.page);
  // Taken from the browser, because nothing was set.
  await expect.poll(async () => (await ann.api.preferences()).time_zone).toBe("America/New_York");
  await ann.page.reload();
  await hydrated(ann.page);
  const section = ann.page.getByRole("region", { name: "Notifications" });
  const zone = section.getByLabel("Time zone");
  await expect(zone).toHaveValue("America/New_York");
  await zone.selectOption("Asia/Tokyo");
  await section.getByRole("switch", { name: /Quiet hours/ }).click();
  await expect(section.getByLabel("From")).toHaveValue("22:00");
  await section.getByLabel("From").fill("23:30");
  await section.getByLabel("To", { exact: true }).fill("06:15");
  await section.getByRole("switch", { name: "Noisy" }).click();
  await expect
    .poll(() => ann.api.preferences())
    .toMatchObject({ time_zone: "Asia/Tokyo", quiet: { from: 1410, to: 375 }, muted: [project.id] });
  // Chosen is chosen: the browser's own does not come back.
  await ann.page.reload();
  await hydrated(ann.page);
  await expect(zone).toHaveValue("Asia/Tokyo");
  await expect(section.getByLabel("To", { exact: true })).toHaveValue("06:15");
  await expect(section.getByRole("switch", { name: "Noisy" })).toBeChecked();
  await section.getByRole("switch", { name: /Quiet hours/ }).click();
  await expect.poll(async () => (await ann.api.preferences()).quiet).toBeNull();
});

test("weeks begin on the day that was chosen, and the report comes to who asks for it", async ({ people }) => {
  const ann = await people.register("Ann");
  await projectWith(ann, ["One"]);
  await ann.page.goto("/account");
  await hydrated(ann.page);
  await ann.page.getByLabel("First day of the week").selectOption("Sunday");
  await ann.page.getByRole("switch", { name: "Weekly report: Bell" }).click();
  await expect.poll(() => ann.api.preferences()).toMatchObject({ first_weekday: "sunday" });
  const { kinds } = await ann.api.preferences();
  expect(kinds.find(({ kind }) => kind === "report")?.channels.bell).toBe(true);
  const load = new OversightPage(ann.page);
  await load.open("workload");
  const sunday = date(-new Date().getUTCDay());
  await expect(load.cell("Ann", 0)).toHaveAttribute("data-put-period", sunday);
});

test("what cannot be saved goes back, and says so", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  await ann.page.goto("/account");
  await hydrated(ann.page);
  await ann.page.route("**/api/notifications/preferences", (route) =>
    route.fulfill({ status: 500, json: { error: { code: "internal", message: "no", field: null } } }),
  );
  const comments = ann.page.getByRole("switch", { name: "Comments: Bell" });
  await comments.click();
  await expect(ann.page.getByTestId("toast")).toContainText("Your change wasn't saved.");
  await expect(comments).toBeChecked();
});

test("switches for desktop notifications show what is in force in this browser", async ({ people }) => {
  const ann = await people.register("Ann");
  const elsewhere = "Browsers where they're on show: Mentions, Assignments";
  for (const [permission, state, chosen, free] of [
    ["granted", "Desktop notifications are on.", true, true],
    ["default", "Desktop notifications are off.", false, true],
    ["denied", "Blocked in this browser's settings for this site.", false, false],
    [null, "This browser doesn't support desktop notifications.", false, false],
  ] as const) {
    const { page, context } = await people.elsewhere(ann);
    if (permission) await recordAlerts(context, permission);
    else await context.addInitScript(() => Reflect.deleteProperty(window, "Notification"));
    await page.goto("/account");
    await hydrated(page);
    const here = page.getByRole("switch", { name: "Desktop notifications in this browser" });
    const mentions = page.getByRole("switch", { name: "Mentions: Desktop" });
    await expect(page.getByTestId("alerts-state"), String(permission)).toHaveText(state);
    for (const one of [here, mentions]) await expect(one, state).toBeChecked({ checked: chosen });
    await expect(here).toBeEnabled({ enabled: free });
    await expect(mentions).toBeEnabled({ enabled: chosen });
    if (chosen) await expect(page.getByTestId("alerts-elsewhere")).toHaveCount(0);
    else await expect(page.getByTestId("alerts-elsewhere")).toContainText(elsewhere);
    if (permission === "default") {
      await here.press("Space");
      for (const one of [here, mentions]) await expect(one).toBeChecked();
      await mentions.press("Space");
      await expect.poll(async () => (await ann.api.preferences()).kinds[0]?.channels.browser).toBe(false);
      await mentions.press("Space");
      await expect.poll(async () => (await ann.api.preferences()).kinds[0]?.channels.browser).toBe(true);
    }
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing, ${colorScheme}`, async ({ people }) => {
    const ann = await people.register("Ann", { colorScheme });
    await ann.api.createProject("Any");
    await ann.page.goto("/account");
    await hydrated(ann.page);
    await ann.page.getByRole("switch", { name: /Quiet hours/ }).click();
    await expect(ann.page.getByLabel("From")).toBeVisible();
    await ann.page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
    const { violations } = await new AxeBuilder({ page: ann.page }).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}\n${html}\n${failureSummary}`))).toEqual([]);
  });
}
