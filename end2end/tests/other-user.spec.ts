// One browser, two users, one after the other: a page acts as the user whom it shows, or not at all.

import { Api } from "../harness/api.ts";
import { inBothThemes } from "../harness/axe.ts";
import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test, type Person } from "../harness/test.ts";

/** In Ann's browser, Bea signs in: in another tab, as far as Ann's page can tell. */
async function signInBeside(ann: Person, bea: Person): Promise<void> {
  await new Api(ann.context.request).login({ email: bea.user.email, password: bea.password });
}

async function team(people: { register: (name: string) => Promise<Person> }) {
  const ann = await people.register("Ann");
  const bea = await people.register("Bea");
  ann.expects(REFUSED_REQUEST, LOST_CONNECTION);
  const project = await projectWith(ann, ["One", "Two"], [[bea, "editor"]]);
  return { ann, bea, project };
}

test("what is done on the first user's page is not done as the second, and waits for the first", async ({ people }) => {
  const { ann, bea, project } = await team(people);
  const board = await ann.open(project);
  const panel = await board.openTask("Two");
  const { seq } = await bea.api.board(project);
  await signInBeside(ann, bea);

  await board.drag("One", { column: "Done" });
  const notice = ann.page.getByTestId("other-user");
  await expect(notice).toContainText("You're signed in as Bea now. This page belongs to Ann");
  await expect(board.connection).toHaveAttribute("data-state", "offline");
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  await board.shows("Done", ["One"]);
  await panel.comment("Ann's words");
  const [, two] = (await bea.api.board(project)).tasks;
  await panel.retitle("Renamed by Ann");
  await expect(board.connection).toHaveAttribute("data-pending", /[2-9]/);
  expect((await bea.api.board(project)).seq, "nothing was done").toBe(seq);
  expect(await bea.api.thread(two?.id ?? "")).toEqual([]);
  expect(await inBothThemes(ann.page)).toEqual([]);

  // Signing in again as Ann, in the same browser: all of it is sent as hers.
  await notice.getByRole("link", { name: "Sign in as Ann" }).click();
  await hydrated(ann.page);
  await ann.page.getByLabel("E-mail").fill(ann.user.email);
  await ann.page.getByLabel("Password").fill(ann.password);
  await ann.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(ann.page).toHaveURL(new RegExp(`/projects/${project.id}`));
  await board.live();
  await expect.poll(() => bea.api.column(project, "Done")).toEqual(["One"]);
  await expect.poll(async () => (await bea.api.thread(two?.id ?? "")).map(({ body, author_id }) => [body, author_id])).toEqual([
    ["Ann's words", ann.user.id],
  ]);
  const snapshot = await bea.api.board(project);
  expect(snapshot.tasks.find(({ id }) => id === two?.id)?.title).toBe("Renamed by Ann");
});

test("open pages say at once who has signed in in another tab, and stop until their own user is back", async ({ people }) => {
  const { ann, bea, project } = await team(people);
  const account = await ann.context.newPage();
  const sockets = new Set<unknown>();
  for (const page of [ann.page, account]) {
    page.on("websocket", (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
  }
  await account.goto("/account");
  await hydrated(account);
  const board = await ann.open(project);
  const { seq } = await bea.api.board(project);
  await ann.page.route("**/api/tasks/**", (route) => route.abort());
  await board.drag("One", { column: "Done" });
  await expect(board.connection).toHaveAttribute("data-pending", "1");

  await signInBeside(ann, bea);
  const third = await ann.context.newPage();
  await third.goto("/");
  await hydrated(third);
  // Nothing was done on these pages meanwhile.
  for (const page of [ann.page, account]) {
    await expect(page.getByTestId("other-user")).toContainText("You're signed in as Bea now. This page belongs to Ann");
  }
  await expect(board.connection).toHaveAttribute("data-state", "offline");
  await expect(board.connection).toHaveAttribute("data-pending", "1");
  await board.shows("Done", ["One"]);
  await expect.poll(() => sockets.size).toBe(0);
  await expect(third.getByTestId("other-user")).toHaveCount(0);
  expect((await bea.api.board(project)).seq, "nothing was done").toBe(seq);

  // Ann is back, in that tab: her pages go on, and what waited is sent as hers.
  await ann.page.unrouteAll();
  await new Api(ann.context.request).login({ email: ann.user.email, password: ann.password });
  await ann.open(project, third);
  await board.live();
  for (const page of [ann.page, account]) await expect(page.getByTestId("other-user")).toHaveCount(0);
  await expect.poll(() => bea.api.column(project, "Done")).toEqual(["One"]);
  expect((await bea.api.board(project)).seq, "once").toBe(seq + 1);
});

test("a word of another user who is not signed in stops nothing", async ({ people }) => {
  const { ann, bea, project } = await team(people);
  const board = await ann.open(project);
  const other = await ann.context.newPage();
  await other.goto("/favicon.svg");
  const asked = ann.page.waitForResponse(/\/api\/me$/);
  await other.evaluate(
    (word) => new BroadcastChannel("lockstep:session").postMessage(word),
    JSON.stringify({ shows: bea.user.id }),
  );
  expect((await asked).status()).toBe(200);
  await board.drag("One", { column: "Done" });
  await board.live();
  await expect(ann.page.getByTestId("other-user")).toHaveCount(0);
});

test("signing out on the first user's page does not end the second one's session", async ({ people }) => {
  const { ann, bea } = await team(people);
  await ann.page.goto("/account");
  await hydrated(ann.page);
  await signInBeside(ann, bea);
  await ann.page.getByRole("button", { name: /^Account of/ }).click();
  await ann.page.getByRole("button", { name: "Sign out" }).first().click();
  await expect(ann.page.getByTestId("other-user")).toBeVisible();
  const me = await (await ann.context.request.get("/api/me")).json();
  expect(me.user.id).toBe(bea.user.id);
});

test("going on in the first tab shows nothing of the second user until it is theirs", async ({ people }) => {
  const { ann, bea, project } = await team(people);
  const beas = await projectWith(bea, ["Secret"]);
  const board = await ann.open(project);
  const second = await ann.context.newPage();
  await second.goto("/");
  await signInBeside(ann, bea);
  await second.reload();
  await expect(second.getByRole("link", { name: beas.name })).toBeVisible();

  // Without loading the document anew.
  await ann.page.getByRole("banner").getByRole("link", { name: "Lockstep, all projects" }).click();
  await expect(ann.page.getByTestId("other-user")).toBeVisible();
  await expect(ann.page.getByRole("link", { name: beas.name })).toHaveCount(0);
  await ann.page.getByTestId("other-user").getByRole("link", { name: "Continue as Bea" }).click();
  await expect(ann.page.getByRole("link", { name: beas.name })).toBeVisible();
  await expect(ann.page.getByRole("button", { name: "Account of Bea" })).toBeVisible();
  await expect(board.connection).toHaveCount(0);
});

test.describe("kept pages", () => {
  test.use({ ownServer: true, serviceWorkers: "allow" });

  test("the page of the first user is not shown to the second without a network", async ({ people }) => {
    const { ann, bea, project } = await team(people);
    await ann.open(project);
    const path = `/projects/${project.id}`;
    const kept = () => ann.page.evaluate(async (path) => (await caches.match(path)) !== undefined, path);
    await expect.poll(kept).toBe(true);
    await signInBeside(ann, bea);
    const second = await ann.context.newPage();
    await second.goto("/account");
    await hydrated(second);
    await expect.poll(kept).toBe(false);
    // The first tab is open still, and its board does not put Bea's page into Ann's place.
    await ann.context.setOffline(true);
    await expect(second.goto(path)).rejects.toThrow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
    await ann.context.setOffline(false);
  });
});
