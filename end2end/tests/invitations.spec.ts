// A person comes into a project by an invitation that they accept: with an account, or making one on the way.

import { type Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { BoardPage } from "../harness/board.ts";
import { expect, hydrated, type Person, projectWith, test } from "../harness/test.ts";

/** The members of a project, in its settings. */
async function settings(person: Person, project: { id: string }): Promise<ReturnType<Page["getByRole"]>> {
  await person.page.goto(`/projects/${project.id}/settings`);
  await hydrated(person.page);
  return person.page.getByRole("region", { name: "Members" });
}

test("an invitation is sent, copied, and accepted with an account, and the board is live", async ({ people }) => {
  const ann = await people.register("Ann", { permissions: ["clipboard-read", "clipboard-write"] });
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"]);
  const members = await settings(ann, project);
  await members.getByLabel("Invite by e-mail").fill(bob.user.email);
  await members.getByRole("button", { name: "Invite", exact: true }).click();
  const pending = members.getByTestId("invitations").getByRole("listitem");
  await expect(pending).toHaveCount(1);
  await expect(pending).toContainText(bob.user.email);
  await expect(pending).toContainText("Editor · invited by Ann · expires in 7 days");
  await expect(members.getByText(`Invitation ready. Send the link to ${bob.user.email}.`)).toBeVisible();
  await pending.getByRole("button", { name: /^Copy link for/ }).click();
  await expect(pending.getByText("Copied", { exact: true })).toBeVisible();
  const link = await ann.page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/invitations\/[\w-]{43}$/);

  await bob.page.goto(link);
  await expect(bob.page.getByRole("heading", { level: 1 })).toHaveText(`Join ${project.name}`);
  await expect(bob.page.getByText("Ann invites you to this project as an editor")).toBeVisible();
  await hydrated(bob.page);
  await bob.page.getByRole("button", { name: "Accept invitation" }).click();
  const board = new BoardPage(bob.page);
  await board.live();
  await board.shows("To do", ["One"]);
  await board.drag("One", { column: "Done" });
  await board.shows("Done", ["One"]);
  await board.settled();
  expect(await ann.api.column(project, "Done")).toEqual(["One"]);

  // The owner's page has seen it: a member more, an invitation less.
  await expect(members.getByRole("listitem").filter({ hasText: bob.user.email })).toContainText("Bob");
  await expect(pending).toHaveCount(0);

  // The link again is a friendly page.
  await bob.page.goto(link);
  await expect(bob.page.getByRole("heading", { level: 1 })).toHaveText(`You're already in ${project.name}`);
  await hydrated(bob.page);
  await bob.page.getByRole("link", { name: "Open board" }).click();
  await board.live();
});

test("who has no account makes one on the way", async ({ people }) => {
  const ann = await people.register("Ann");
  const bea = await people.visitor();
  const project = await projectWith(ann, ["One"]);
  const { url } = await ann.api.invite(project, "editor", bea.user.email);
  const annsBoard = await ann.open(project);
  const { page } = bea;
  await page.goto(url);
  await expect(page.getByText("Ann invites you to this project as an editor")).toBeVisible();
  await hydrated(page);
  await page.getByRole("link", { name: "Create an account" }).click();
  await expect(page.getByRole("heading", { name: "Create an account" })).toBeVisible();
  await expect(page.getByText(`To join ${project.name}`)).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue(bea.user.email);
  await page.getByLabel("Name").fill("Bea");
  await page.getByLabel("Password").fill(bea.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("button", { name: "Accept invitation" }).click();
  const board = new BoardPage(page);
  await board.live();
  await board.add("To do", ["Two"]);
  await annsBoard.shows("To do", ["One", "Two"]);
  await expect(ann.page.getByLabel("Bea").first()).toBeVisible();
});

test("another account is named, and can be changed", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const eve = await people.register("Eve");
  const project = await projectWith(ann, ["One"]);
  const { url } = await ann.api.invite(project, "viewer", bob.user.email);
  const { page } = eve;
  await page.goto(url);
  await hydrated(page);
  await expect(page.getByText(`You're signed in as ${eve.user.email}. Only ${bob.user.email} can accept`)).toBeVisible();
  await expect(page.getByRole("button", { name: "Accept invitation" })).toHaveCount(0);
  await page.getByRole("link", { name: "Switch account" }).click();
  await expect(page.getByLabel("E-mail")).toHaveValue(bob.user.email);
  await page.getByLabel("Password").fill(bob.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Accept invitation" }).click();
  await new BoardPage(page).shows("To do", ["One"]);
  await expect(page.getByTestId("add-task")).toHaveCount(0);
});

test("an invitation that is revoked says so, and a link without an address is for one person", async ({ people }) => {
  const ann = await people.register("Ann");
  const [bob, cleo] = [await people.register("Bob"), await people.register("Cleo")];
  for (const person of [bob, cleo]) person.expects(/the server responded with a status of 410/);
  const project = await projectWith(ann, ["One"]);
  const members = await settings(ann, project);
  const pending = members.getByTestId("invitations").getByRole("listitem");
  await members.getByLabel("Role").last().selectOption("viewer");
  await members.getByRole("button", { name: "Invite", exact: true }).click();
  await expect(pending).toContainText("Link for one person");
  const revoked = await ann.api.invite(project, "editor", bob.user.email);
  const members2 = await settings(ann, project);
  await members2.getByRole("button", { name: `Revoke the invitation for ${bob.user.email}` }).click();
  const question = ann.page.getByRole("dialog", { name: `Revoke the invitation for ${bob.user.email}?` });
  await question.getByRole("button", { name: "Revoke" }).click();
  await expect(pending).toHaveCount(1);
  await bob.page.goto(revoked.url);
  await expect(bob.page.getByRole("heading", { level: 1 })).toHaveText("This invitation was revoked");

  const link = await ann.api.invite(project, "viewer");
  await bob.api.accept(link);
  const answer = await cleo.page.goto(link.url);
  expect(answer?.status()).toBe(410);
  await expect(cleo.page.getByRole("heading", { level: 1 })).toHaveText("This invitation was already used");
});

test("who declines an invitation ends it, and its owner sees so without a reload", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  bob.expects(/the server responded with a status of 410/);
  const project = await projectWith(ann, ["One"]);
  const invitation = await ann.api.invite(project, "editor", bob.user.email);
  const members = await settings(ann, project);
  const pending = members.getByTestId("invitations").getByRole("listitem");
  await expect(pending).toContainText("expires in 7 days");
  await bob.page.goto(invitation.url);
  await hydrated(bob.page);
  await bob.page.getByRole("button", { name: "Decline" }).click();
  await expect(bob.page.getByText("You declined this invitation.")).toBeVisible();
  await expect(bob.page.getByRole("button", { name: "Accept invitation" })).toBeHidden();
  await expect(bob.page.getByRole("link", { name: "All projects" })).toBeVisible();

  await ann.page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await expect(pending).toContainText("declined");
  await members.getByRole("button", { name: `Remove the declined invitation for ${bob.user.email}` }).click();
  await expect(pending).toHaveCount(0);
  await bob.page.reload();
  await expect(bob.page.getByRole("heading", { level: 1 })).toHaveText(/^This invitation was (declined|revoked)$/);
});

test("where nothing can be copied, the link is there to copy by hand", async ({ people }) => {
  const ann = await people.register("Ann");
  await ann.page.addInitScript(() => Object.defineProperty(window, "ClipboardItem", { value: undefined }));
  const project = await projectWith(ann, ["One"]);
  const members = await settings(ann, project);
  await members.getByRole("button", { name: "Invite", exact: true }).click();
  await members.getByRole("button", { name: "Copy link of the new invitation" }).click();
  await expect(members.getByLabel("Invitation link")).toHaveValue(/\/invitations\/[\w-]{43}$/);
  await expect(members.getByLabel("Invitation link")).toBeFocused();
});

test("no token is in the log", async ({ people, server }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"]);
  const invitation = await ann.api.invite(project, "viewer", bob.user.email);
  await bob.page.goto(invitation.url);
  await hydrated(bob.page);
  await bob.page.getByRole("button", { name: "Accept invitation" }).click();
  await new BoardPage(bob.page).live();
  const token = invitation.url.split("/").at(-1) ?? "";
  await expect.poll(async () => readFile(server.logFile, "utf8")).toContain("/api/invitations/*");
  expect(await readFile(server.logFile, "utf8")).not.toContain(token);
});

test("on a phone the list and the form hold up", async ({ people }) => {
  const ann = await people.register("Ann", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const project = await projectWith(ann, ["One"]);
  await ann.api.invite(project, "editor", `${"long".repeat(12)}@example.org`);
  await ann.api.invite(project, "viewer");
  const members = await settings(ann, project);
  await expect(members.getByTestId("invitations").getByRole("listitem")).toHaveCount(2);
  const width = await ann.page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  for (const button of await members.getByTestId("invitations").getByRole("button").all()) {
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(40);
  }
});
