// One's own account: name, address, password, and where one is signed in.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, hydrated, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";
import type { MailServer } from "../harness/mail.ts";

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}\n${html}\n${failureSummary}`));
}

/** The link in the newest letter of this subject. */
async function link(mail: MailServer, to: string, subject: string): Promise<string> {
  await expect.poll(() => mail.find(to, subject), { timeout: 20_000 }).toBeDefined();
  return /https?:\/\/\S+#[\w-]+/.exec(mail.find(to, subject)?.text ?? "")?.[0] ?? "";
}

test("another name shows at once, in the header and to others", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  await ann.page.goto(`/projects/${project.id}/settings`);
  await hydrated(ann.page);
  const members = ann.page.getByRole("region", { name: "Members" });
  await expect(members).toContainText("Bob");
  await bob.page.goto("/account");
  await hydrated(bob.page);
  const profile = bob.page.getByRole("region", { name: "Name and address" });
  await profile.getByLabel("Name").fill("Robert");
  await profile.getByLabel("Name").press("Enter");
  await expect(bob.page.getByTestId("toast")).toContainText("Saved");
  await expect(bob.page.getByRole("button", { name: "Account of Robert" })).toBeVisible();
  await expect(members).toContainText("Robert");
});

test("another password needs the present one, and signs out everywhere else", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const phone = await people.elsewhere(ann);
  phone.expects(REFUSED_REQUEST);
  await ann.page.goto("/account");
  await hydrated(ann.page);
  const section = ann.page.getByRole("region", { name: "Password", exact: true });
  const current = section.getByLabel("Current password");
  const next = section.getByLabel("New password");
  await expect(current).toHaveAttribute("autocomplete", "current-password");
  await expect(next).toHaveAttribute("autocomplete", "new-password");
  await current.fill("certainly not this one");
  await next.fill("a brand new horse");
  await next.press("Enter");
  await expect(current).toHaveAttribute("aria-invalid", "true");

  await current.fill(ann.password);
  await next.fill("password1234");
  await next.press("Enter");
  await expect(next).toHaveAttribute("aria-invalid", "true");
  await section.getByRole("button", { name: "Show New password" }).click();
  await expect(next).toHaveAttribute("type", "text");

  await next.fill("a brand new horse");
  await section.getByRole("button", { name: "Change password" }).click();
  await expect(ann.page.getByTestId("toast")).toContainText("Password changed");
  await expect(current).toHaveValue("");
  await expect(ann.page.getByRole("region", { name: "Where you're signed in" }).getByRole("listitem")).toHaveCount(1);
  expect((await phone.context.request.get("/api/me")).status()).toBe(401);
  expect((await ann.context.request.get("/api/me")).status()).toBe(200);
});

test("a session is named in words, and ended from here", async ({ people }) => {
  const ann = await people.register("Ann");
  const userAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";
  const other = await people.elsewhere(ann, { userAgent });
  const third = await people.elsewhere(ann);
  await ann.page.goto("/account");
  await hydrated(ann.page);
  const rows = ann.page.getByRole("region", { name: "Where you're signed in" }).getByRole("listitem");
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText("This browser");
  await ann.page.getByRole("button", { name: "Sign out Firefox on Windows" }).click();
  await expect(rows).toHaveCount(2);
  expect((await other.context.request.get("/api/me")).status()).toBe(401);
  await ann.page.getByRole("button", { name: "Sign out everywhere else" }).press("Enter");
  const question = ann.page.getByRole("dialog", { name: "Sign out everywhere else?" });
  await question.getByRole("button", { name: "Sign out" }).press("Enter");
  await expect(rows).toHaveCount(1);
  expect((await third.context.request.get("/api/me")).status()).toBe(401);
  await expect(ann.page.getByRole("button", { name: "Sign out everywhere else" })).toBeHidden();
});

test("without e-mail, the way to a forgotten password says whom to ask", async ({ people }) => {
  const { page } = await people.visitor();
  await page.goto("/login");
  await hydrated(page);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await expect(page.getByText("E-mail isn't set up on this server.")).toBeVisible();
});

test.describe("with e-mail", () => {
  test.use({ sendsMail: true });

  test("a new address is confirmed by the link in a letter", async ({ people, mail }) => {
    const ann = await people.register("Ann");
    await ann.page.goto("/");
    await hydrated(ann.page);
    const hint = ann.page.getByRole("region", { name: "Confirm your address" });
    await expect(hint).toContainText(ann.user.email);
    await hint.getByRole("button", { name: "Send again" }).click();
    await expect(hint.getByRole("status")).toContainText("Sent");
    const href = await link(mail, ann.user.email, "Confirm your e-mail address");
    await ann.page.goto(href);
    await hydrated(ann.page);
    expect(ann.page.url()).not.toContain("#");
    await ann.page.getByRole("button", { name: "Confirm address" }).click();
    await expect(ann.page.getByRole("status")).toContainText(`${ann.user.email} is confirmed.`);
    await ann.page.getByRole("link", { name: "Go to your projects" }).click();
    await hydrated(ann.page);
    await expect(ann.page.getByRole("heading", { name: "Projects", level: 1 })).toBeVisible();
    await expect(hint).toBeHidden();

    // Another one takes effect once it is confirmed.
    const next = `new-${ann.user.email}`;
    await ann.page.goto("/account");
    await hydrated(ann.page);
    const profile = ann.page.getByRole("region", { name: "Name and address" });
    await profile.getByLabel("E-mail").fill(next);
    await profile.getByLabel(/^Password/).fill(ann.password);
    await profile.getByRole("button", { name: "Save" }).click();
    await expect(hint).toContainText(next);
    await expect(profile.getByLabel("E-mail")).toHaveValue(ann.user.email);
    await ann.page.goto(await link(mail, next, "Confirm your e-mail address"));
    await hydrated(ann.page);
    await ann.page.getByRole("button", { name: "Confirm address" }).click();
    await expect(ann.page.getByRole("status")).toContainText(`${next} is confirmed.`);
    await expect.poll(() => mail.find(ann.user.email, "Your e-mail address has changed"), { timeout: 20_000 }).toBeDefined();
  });

  test("a forgotten password is reset by the link in a letter, once", async ({ people, mail }) => {
    const ann = await people.register("Ann");
    ann.expects(REFUSED_REQUEST);
    const visitor = await people.visitor();
    visitor.expects(REFUSED_REQUEST);
    const { page } = visitor;
    await page.goto("/login");
    await hydrated(page);
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    const ask = async (email: string): Promise<string> => {
      await page.getByLabel("E-mail").fill(email);
      await page.getByRole("button", { name: "Send link" }).click();
      const note = page.getByRole("status").filter({ hasText: email });
      await expect(note).toBeVisible();
      return (await note.innerText()).replace(email, "…");
    };
    const unknown = await ask("nobody-at-all@example.org");
    expect(await ask(ann.user.email)).toBe(unknown);
    const href = await link(mail, ann.user.email, "Choose a new password");

    await page.goto(href);
    await hydrated(page);
    expect(page.url()).not.toContain("#");
    const field = page.getByLabel("New password");
    await field.fill("1234567890");
    await field.press("Enter");
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await field.fill("a brand new horse");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("status")).toContainText("Your password was changed");
    expect((await ann.context.request.get("/api/me")).status()).toBe(401);

    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("E-mail").fill(ann.user.email);
    await page.getByLabel("Password").fill("a brand new horse");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Projects", level: 1 })).toBeVisible();

    await page.goto(href);
    await hydrated(page);
    await field.fill("a third long horse");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "already used" })).toBeVisible();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing, ${colorScheme}`, async ({ people }) => {
      const visitor = await people.visitor({ colorScheme });
      for (const path of ["/forgot-password", "/reset-password#x", "/verify-email#x"]) {
        await visitor.page.goto(path);
        await hydrated(visitor.page);
        expect(await violations(visitor.page), path).toEqual([]);
      }
      const ann = await people.register("Ann", { colorScheme });
      await people.elsewhere(ann);
      for (const path of ["/", "/account"]) {
        await ann.page.goto(path);
        await hydrated(ann.page);
        await expect(ann.page.getByRole("region", { name: "Confirm your address" })).toBeVisible();
        if (path === "/account") await ann.page.getByLabel("E-mail").first().fill("other@example.org");
        expect(await violations(ann.page), path).toEqual([]);
      }
    });
  }
});
