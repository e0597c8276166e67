// Comments wait in the same queue as everything else: nothing that was typed is lost, and each is sent once.

import type { Locator, Route } from "@playwright/test";
import type { Project } from "../harness/api.ts";
import type { BoardPage, TaskPanel } from "../harness/board.ts";
import { stored } from "../harness/stored.ts";
import { expect, hydrated, LOST_CONNECTION, type People, type Person, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

/** What the browser writes about answers that are no refusals. */
const NOT_NOW = /^Failed to load resource: the server responded with a status of (408|413|425|429|50\d)/;

interface Open {
  ann: Person;
  bob: Person;
  project: Project;
  task: string;
  board: BoardPage;
  panel: TaskPanel;
  /** What Ann wrote, and the server does not have. */
  unsent: Locator;
}

/** Ann has a card open, in a project with Bob. */
async function open(people: People, { clock = false } = {}): Promise<Open> {
  const ann = await people.register("Ann");
  if (clock) await ann.page.clock.install();
  const bob = await people.register("Bob");
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST, NOT_NOW);
  const project = await projectWith(ann, ["One", "Two"], [[bob, "owner"]]);
  const task = (await ann.api.board(project)).tasks.find(({ title }) => title === "One")?.id ?? "";
  const board = await ann.open(project);
  const panel = await board.openTask("One");
  await expect(panel.composer).toBeEditable();
  return { ann, bob, project, task, board, panel, unsent: panel.panel.getByTestId("comment-unsent") };
}

async function texts({ bob, task }: Open): Promise<string[]> {
  return (await bob.api.thread(task)).map(({ body }) => body);
}

async function act(comment: Locator, what: "Edit comment" | "Delete comment"): Promise<void> {
  await comment.hover();
  await comment.getByRole("button", { name: what }).click();
}

async function rewrite(panel: TaskPanel, comment: Locator, text: string): Promise<void> {
  await act(comment, "Edit comment");
  const field = panel.panel.getByRole("textbox", { name: "Edit comment" });
  await field.fill(text);
  await field.press("Control+Enter");
}

test.describe("without a server", () => {
  test.use({ ownServer: true, serviceWorkers: "allow" });

  test("a comment waits, over a reload too, and is sent once when there is a server again", async ({ people, server }) => {
    const all = await open(people);
    const { ann, bob, project, board, panel, unsent } = all;
    bob.expects(LOST_CONNECTION, REFUSED_REQUEST);
    for (const path of [`/projects/${project.id}`, "/"]) {
      await expect.poll(() => ann.page.evaluate(async (path) => (await caches.match(path)) !== undefined, path)).toBe(true);
    }
    await server.stop();
    await panel.comment("While it was **down**");
    await expect(unsent).toContainText("While it was **down**");
    await expect(unsent).toHaveAttribute("data-pending", "");
    await expect(unsent).toContainText("sent once you're connected again");
    await expect(board.connection).toHaveAttribute("data-pending", "1");
    await expect(board.card("One").getByTestId("comment-count")).toHaveText(/1\s*comment/);
    await expect.poll(() => stored(ann.page)).toBe(1);

    await ann.page.reload();
    await hydrated(ann.page);
    await expect(board.connection).toHaveAttribute("data-pending", "1");
    // What others have said cannot be read now; what one has to say can be said.
    await board.openTask("One");
    await expect(unsent).toContainText("While it was **down**");
    await expect(panel.panel).toContainText("Earlier comments appear once you're connected.");
    await expect(panel.panel).toContainText("The description appears once you're connected.");
    await panel.comment("And another");
    await expect(unsent).toHaveCount(2);

    await server.start();
    await expect(board.connection).toHaveAttribute("data-state", /live|offline/, { timeout: 40_000 });
    const retry = board.connection.getByRole("button", { name: /Retry/ });
    if (await retry.isVisible()) await retry.click();
    await board.live();
    await expect(panel.panel.getByRole("button", { name: "Add a description…" })).toBeVisible();
    await expect(panel.comments.locator("strong")).toHaveText("down");
    await expect(panel.comments).toHaveText([/While it was down/, /And another/]);
    await expect(unsent).toHaveCount(0);
    expect(await texts(all)).toEqual(["While it was **down**", "And another"]);
    const bobs = await (await bob.open(project)).openTask("One");
    await expect(bobs.comments).toHaveText([/While it was down/, /And another/]);
    await expect.poll(() => stored(ann.page)).toBe(0);
  });
});

test("a limit, a proxy without a server and a full disk are no refusals: the comment is tried again under one key", async ({ people }) => {
  const all = await open(people, { clock: true });
  const { ann, board, panel, unsent } = all;
  const keys = new Set<string | undefined>();
  const json = (status: number, code: string) => ({ status, json: { error: { code, message: "Not now.", field: null } } });
  const html = (status: number) => ({ status, contentType: "text/html", body: "<h1>Bad gateway</h1>" });
  const answers = [
    { ...json(429, "too_many_requests"), headers: { "Retry-After": "1" } },
    html(502),
    json(503, "unavailable"),
    html(504),
    json(507, "storage_full"),
  ];
  await ann.page.route("**/comments", async (route: Route) => {
    if (route.request().method() !== "POST") return route.fallback();
    keys.add(route.request().headers()["idempotency-key"]);
    const answer = answers.shift();
    return answer === undefined ? route.continue() : route.fulfill(answer);
  });
  await panel.comment("Patience");
  await expect(unsent).toContainText("sent once you're connected again");
  // Its waits add up to fifteen seconds and more, which pass quicker than on the wall.
  await expect(async () => {
    await ann.page.clock.fastForward(1_000);
    expect(answers).toHaveLength(0);
  }).toPass({ intervals: [200], timeout: 30_000 });
  await expect(async () => {
    await ann.page.clock.fastForward(1_000);
    await expect(panel.comments).toHaveText([/Patience/], { timeout: 500 });
  }).toPass({ intervals: [200], timeout: 30_000 });
  await board.settled();
  expect(answers, "each was given").toHaveLength(0);
  expect(keys.size, "one op, one key").toBe(1);
  expect(await texts(all)).toEqual(["Patience"]);
  await expect(board.toasts).toHaveCount(0);
});

test("a comment that waits is sent from the next page, and once", async ({ people }) => {
  const all = await open(people);
  const { ann, board, panel } = all;
  await ann.page.route("**/api/**", (route) => route.abort());
  await panel.comment("Left behind");
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  await ann.page.getByRole("link", { name: "Lockstep, all projects" }).click();
  await expect(ann.page).toHaveURL(/\/$/);
  expect(await texts(all)).toEqual([]);
  await ann.page.unrouteAll();
  await expect.poll(() => texts(all)).toEqual(["Left behind"]);
  await expect(ann.page).toHaveURL(/\/$/);
});

for (const [status, code, reason] of [
  [403, "forbidden", "Your role in this project doesn't allow that."],
  [413, "body_too_large", "Shorten it"],
  [422, "invalid", "Refused."],
] as const) {
  test(`a comment that is answered with ${status} is kept with its text until its author decides`, async ({ people }) => {
    const all = await open(people);
    const { ann, board, panel, unsent } = all;
    await ann.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ann.page.route("**/comments", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ status, json: { error: { code, message: "Refused.", field: null } } })
        : route.fallback(),
    );
    await panel.comment("Every word\nof it");
    await expect(unsent.getByRole("alert")).toContainText(`Not sent. ${reason === "Shorten it" ? "" : reason}`);
    await expect(unsent.getByRole("alert")).toContainText(reason);
    await board.settled();
    await unsent.getByRole("button", { name: "Copy" }).click();
    await expect(board.toasts).toContainText("Copied");
    expect(await ann.page.evaluate(() => navigator.clipboard.readText())).toBe("Every word\nof it");

    // It is there on the next page, and beside the board, too.
    await expect.poll(() => stored(ann.page)).toBe(1);
    await ann.page.reload();
    await board.live();
    await expect(unsent).toContainText("Every word");
    const list = ann.page.getByTestId("unmade");
    await expect(list, "its thread shows it").toHaveCount(0);
    await ann.page.getByRole("button", { name: "Close" }).click();
    await expect(list).toContainText("Your comment on “One” was not sent.");
    await expect(list.getByText("Every word\nof it", { exact: true })).toBeVisible();
    await expect(list.getByRole("button", { name: "Copy" })).toBeVisible();
    await list.getByRole("button", { name: "Try again" }).click();
    await expect(list.getByRole("button", { name: "Discard" }), "refused again").toBeVisible();

    await ann.page.unrouteAll();
    await list.getByRole("button", { name: "Try again" }).click();
    await expect.poll(() => texts(all)).toEqual(["Every word\nof it"]);
    await expect(list).toHaveCount(0);
    await expect.poll(() => stored(ann.page)).toBe(0);
  });
}

test("an edit and a deletion without a connection show at once, and are carried out in their order", async ({ people }) => {
  const all = await open(people);
  const { ann, bob, project, board, panel, unsent } = all;
  await panel.comment("First");
  await expect(panel.comments).toHaveText([/First/]);
  await panel.comment("Second");
  await expect(panel.comments).toHaveText([/First/, /Second/]);
  const bobs = await (await bob.open(project)).openTask("One");
  await expect(bobs.comments).toHaveCount(2);

  await ann.context.setOffline(true);
  await rewrite(panel, panel.comments.first(), "1st");
  await expect(panel.comments.first()).toContainText("1st");
  await expect(panel.comments.first()).toHaveAttribute("data-pending", "");
  await act(panel.comments.last(), "Delete comment");
  await expect(panel.comments).toHaveText([/1st/]);
  await panel.comment("Thrid");
  await rewrite(panel, unsent, "Third");
  await expect(unsent).toContainText("Third");
  await expect(board.connection).toHaveAttribute("data-pending", "4");
  await expect(bobs.comments).toHaveText([/First/, /Second/]);

  await ann.context.setOffline(false);
  for (const thread of [panel.comments, bobs.comments]) {
    await expect(thread.locator(".prose")).toHaveText(["1st", "Third"], { timeout: 40_000 });
  }
  await board.settled();
  expect(await texts(all)).toEqual(["1st", "Third"]);
});

test("an edit that is refused is kept, and the comment is as it was", async ({ people }) => {
  const all = await open(people);
  const { ann, panel, unsent } = all;
  await panel.comment("First");
  await expect(panel.comments).toHaveText([/First/]);
  await ann.page.route("**/api/comments/*", (route) =>
    route.fulfill({ status: 403, json: { error: { code: "forbidden", message: "no", field: null } } }),
  );
  await rewrite(panel, panel.comments.first(), "What took me an hour");
  await expect(unsent.getByRole("alert")).toContainText("This edit wasn't saved.");
  await expect(unsent).toContainText("What took me an hour");
  await expect(panel.comments.locator(".prose")).toHaveText("First");
  await ann.page.unrouteAll();
  await unsent.getByRole("button", { name: "Try again" }).click();
  await expect(panel.comments.locator(".prose")).toHaveText("What took me an hour");
  await expect(unsent).toHaveCount(0);
  expect(await texts(all)).toEqual(["What took me an hour"]);
});

test("the comment of a tab that ended is sent by another one, which shows it", async ({ people }) => {
  const all = await open(people);
  const { ann, project, panel } = all;
  const second = await ann.context.newPage();
  const other = await ann.open(project, second);
  const others = await other.openTask("One");
  await ann.page.route("**/api/**", (route) => route.abort());
  await panel.comment("From the other tab");
  await expect.poll(() => stored(second)).toBe(1);
  expect(await texts(all)).toEqual([]);
  await ann.page.close();
  await expect(others.comments).toHaveText([/From the other tab/]);
  expect(await texts(all)).toEqual(["From the other tab"]);
  await expect.poll(() => stored(second)).toBe(0);
});

test("a comment on a card that is not made yet waits for it", async ({ people }) => {
  const all = await open(people);
  const { ann, bob, project, board } = all;
  await ann.page.getByRole("button", { name: "Close" }).click();
  await ann.context.setOffline(true);
  await board.add("To do", ["Three"]);
  const panel = await board.openTask("Three");
  await panel.comment("About the third");
  await expect(board.connection).toHaveAttribute("data-pending", "2");
  await ann.context.setOffline(false);
  const three = async () => (await bob.api.board(project)).tasks.find(({ title }) => title === "Three")?.id;
  await expect.poll(three, { timeout: 40_000 }).toBeTruthy();
  await board.settled();
  expect((await bob.api.thread((await three()) ?? "")).map(({ body }) => body)).toEqual(["About the third"]);
});

/** Leaves a comment as the build before did, in the page's local storage. */
async function leaveComment(person: Person, project: Project, task: string, body: string): Promise<string> {
  const id = crypto.randomUUID();
  const key = `unsent:${person.user.id}:${project.id}:${id}`;
  const unsent = { id, task, draft: { id, body }, written_at: new Date().toISOString() };
  await person.page.evaluate(([key = "", text = ""]) => localStorage.setItem(key, text), [key, JSON.stringify(unsent)]);
  return key;
}

test("a comment that an earlier build has left is sent once, from any page", async ({ people }) => {
  const all = await open(people);
  const { ann, project, task } = all;
  await ann.page.goto("/account");
  await hydrated(ann.page);
  const key = await leaveComment(ann, project, task, "From long ago");
  await ann.page.reload();
  await expect.poll(() => texts(all)).toEqual(["From long ago"]);
  await expect.poll(() => ann.page.evaluate((key) => localStorage.getItem(key), key)).toBeNull();
  const board = await ann.open(project);
  await board.live();
  expect(await texts(all)).toEqual(["From long ago"]);
});

test("who signs out is told that a comment waits", async ({ people }) => {
  const { ann, panel } = await open(people);
  await ann.page.route("**/comments", (route) => (route.request().method() === "POST" ? route.abort() : route.fallback()));
  await panel.comment("Not yet");
  await expect.poll(() => stored(ann.page)).toBe(1);
  await ann.page.getByRole("button", { name: /^Account of/ }).click();
  await ann.page.getByRole("button", { name: "Sign out" }).click();
  await expect(ann.page.getByRole("button", { name: "Sign out and lose 1 change" })).toBeVisible();
});
