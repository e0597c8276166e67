// What people say about a card.

import { AxeBuilder } from "@axe-core/playwright";
import { Gate } from "../harness/gate.ts";
import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

test("a comment shows at once, in the other browser's open panel, and as a number on the card", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const [annsBoard, bobsBoard] = [await ann.open(project), await bob.open(project)];
  const [anns, bobs] = [await annsBoard.openTask("One"), await bobsBoard.openTask("One")];
  await expect(anns.composer).toBeEditable();
  await expect(bobs.composer).toBeEditable();

  await anns.comment("**Ready** for review");
  await expect(anns.composer).toHaveValue("");
  for (const panel of [anns, bobs]) {
    await expect(panel.comments).toHaveCount(1);
    await expect(panel.comments).toContainText("Ann");
    await expect(panel.comments.locator("strong")).toHaveText("Ready");
  }
  for (const board of [annsBoard, bobsBoard]) {
    await expect(board.card("One").getByTestId("comment-count")).toHaveText(/1\s*comment/);
  }
  // The panel that is opened later has it from the server.
  await bob.page.reload();
  await bobsBoard.live();
  await expect(bobs.comments).toHaveText([/Ready/]);
  await bobs.comment("Looks good");
  for (const panel of [anns, bobs]) await expect(panel.comments).toHaveText([/Ready/, /Looks good/]);
});

test("one's own are rewritten and deleted, for everybody", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const [anns, bobs] = [await (await ann.open(project)).openTask("One"), await (await bob.open(project)).openTask("One")];
  await bobs.comment("Frist");
  await expect(anns.comments).toHaveText([/Frist/]);
  await expect(anns.comments.getByRole("button", { name: "Edit comment" }), "not hers").toHaveCount(0);

  await bobs.comments.hover();
  await bobs.comments.getByRole("button", { name: "Edit comment" }).click();
  const field = bobs.panel.getByRole("textbox", { name: "Edit comment" });
  await expect(field).toHaveValue("Frist");
  await field.fill("First");
  await field.press("Escape");
  await expect(field).toHaveCount(0);
  await expect(bobs.panel, "Esc leaves the text, not the panel").toBeVisible();
  await bobs.comments.hover();
  await bobs.comments.getByRole("button", { name: "Edit comment" }).click();
  await field.fill("First");
  await bobs.panel.getByRole("button", { name: "Save" }).click();
  for (const panel of [anns, bobs]) {
    await expect(panel.comments.locator(".prose")).toHaveText("First");
    await expect(panel.comments).toContainText("edited");
  }

  await bobs.comments.hover();
  await bobs.comments.getByRole("button", { name: "Delete comment" }).click();
  for (const panel of [anns, bobs]) await expect(panel.comments).toHaveCount(0);
  await expect(ann.page.getByTestId("comment-count")).toHaveCount(0);
});

test("a script shows as text, and a link is no script", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  const panel = await (await ann.open(project)).openTask("One");
  const text = `<script>document.title = "run"</script> <img src=x onerror="document.title='run'"> [link](javascript:document.title='run')`;
  await panel.comment(text);
  await expect(panel.comments).toContainText(`<script>document.title = "run"</script>`);
  await expect(panel.comments.locator("script, img, a[href^=javascript]")).toHaveCount(0);
  await ann.page.reload();
  await hydrated(ann.page);
  await expect(panel.comments).toContainText(`<script>document.title = "run"</script>`);
  await expect(ann.page).not.toHaveTitle(/^run/);
});

test("the preview is what the comment will look like", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const panel = await (await ann.open(project)).openTask("One");
  await panel.composer.fill("- one\n- **two**\n\n@Bob");
  await panel.panel.getByRole("button", { name: "Preview" }).click();
  const box = panel.panel.getByTestId("comment-composer");
  await expect(box.getByRole("listitem")).toHaveText(["one", "two"]);
  await expect(box.locator(".mention")).toHaveText("@Bob");
  await expect(panel.composer).toBeHidden();
  await panel.panel.getByRole("button", { name: "Write" }).click();
  await expect(panel.composer).toHaveValue("- one\n- **two**\n\n@Bob");
  await panel.panel.getByRole("button", { name: "Comment", exact: true }).click();
  await expect(panel.comments.getByRole("listitem")).toHaveText(["one", "two"]);
});

test("the picker: arrows, Tab, Escape and the mouse", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const barbara = await people.register("Barbara");
  const project = await projectWith(ann, ["One"], [[bob, "editor"], [barbara, "viewer"]]);
  const panel = await (await ann.open(project)).openTask("One");
  const list = panel.panel.getByRole("listbox", { name: "People to mention" });
  const options = list.getByRole("option");
  await panel.composer.pressSequentially("Hi @");
  await expect(options).toHaveCount(3);
  await panel.composer.pressSequentially("b");
  await expect(options).toHaveText([/Bob/, /Barbara/]);
  await panel.composer.press("ArrowDown");
  await expect(options.nth(1)).toHaveAttribute("aria-selected", "true");
  await expect(panel.panel.getByText("Barbara, 2 of 2")).toBeAttached();
  await panel.composer.press("Tab");
  await expect(panel.composer).toHaveValue("Hi @Barbara ");
  await expect(panel.composer).toBeFocused();
  await panel.composer.pressSequentially("and @bo");
  await expect(options).toHaveText([/Bob/]);
  await panel.composer.press("Escape");
  await expect(list).toHaveCount(0);
  await expect(panel.panel, "Esc closes the list, not the panel").toBeVisible();
  await panel.composer.pressSequentially("b");
  await options.click();
  await expect(panel.composer).toHaveValue("Hi @Barbara and @Bob ");
  await expect(panel.composer).toBeFocused();
  await panel.composer.press("Control+Enter");
  await expect(panel.comments.locator(".mention")).toHaveText(["@Barbara", "@Bob"]);
});

test("an unfinished comment is offered again after closing the panel and after a reload", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  const panel = await board.openTask("One");
  await panel.composer.fill("Not finis");
  await ann.page.getByRole("button", { name: "Close" }).click();
  await board.openTask("Two");
  const draft = panel.panel.locator(".comments").getByTestId("draft");
  await expect(panel.composer).toHaveValue("");
  await expect(draft).toHaveCount(0);
  await board.openTask("One");
  await expect(panel.composer).toHaveValue("");
  await expect(draft).toContainText(/^Draft from \d+:\d+/);
  await ann.page.reload();
  await board.live();
  await draft.getByRole("button", { name: "Continue" }).click();
  await expect(panel.composer).toHaveValue("Not finis");
  await expect(panel.composer).toBeFocused();
  await panel.composer.pressSequentially("hed, @Ann");
  await panel.composer.press("Enter");
  await expect(panel.composer).toHaveValue("Not finished, @Ann ");
  // Who was chosen is part of the draft.
  await ann.page.reload();
  await board.live();
  await draft.getByRole("button", { name: "Continue" }).click();
  await expect(panel.composer).toHaveValue("Not finished, @Ann ");
  await panel.composer.press("Control+Enter");
  await expect(panel.comments).toHaveText([/Not finished, @Ann/]);
  await expect(panel.comments.locator(".mention")).toHaveText("@Ann");
  await ann.page.reload();
  await board.live();
  await expect(panel.comments).toHaveCount(1);
  await expect(draft).toHaveCount(0);

  await panel.composer.pressSequentially("Never");
  await ann.page.reload();
  await board.live();
  await draft.getByRole("button", { name: "Discard" }).click();
  await expect(draft).toHaveCount(0);
  await ann.page.reload();
  await board.live();
  await expect(panel.composer).toHaveValue("");
  await expect(draft).toHaveCount(0);
});

test("without a connection a comment is kept, over a reload too, and sent once", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(LOST_CONNECTION);
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  const panel = await board.openTask("One");
  await expect(panel.composer).toBeEditable();
  await ann.context.setOffline(true);
  await panel.comment("From the train");
  const unsent = panel.panel.getByTestId("comment-unsent");
  await expect(unsent).toContainText("From the train");
  await expect(unsent).toContainText("sent once you're connected again");
  await ann.context.setOffline(false);
  await expect(panel.comments).toHaveText([/From the train/]);
  await expect(unsent).toHaveCount(0);
  expect((await ann.api.thread((await ann.api.board(project)).tasks[0]?.id ?? "")).map(({ body }) => body)).toEqual([
    "From the train",
  ]);
});

test("a comment that is refused says why, and waits for its author", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const panel = await (await ann.open(project)).openTask("One");
  await ann.page.route("**/comments", (route) =>
    route.request().method() === "POST"
      ? route.fulfill({ status: 403, json: { error: { code: "forbidden", message: "no", field: null } } })
      : route.fallback(),
  );
  await panel.comment("May I?");
  const unsent = panel.panel.getByTestId("comment-unsent");
  await expect(unsent.getByRole("alert")).toHaveText(/Not sent. Your role in this project doesn't allow that./);
  await ann.page.unroute("**/comments");
  await unsent.getByRole("button", { name: "Try again" }).click();
  await expect(panel.comments).toHaveText([/May I\?/]);
  await expect(unsent).toHaveCount(0);
});

test("a deletion that is refused comes back", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const panel = await (await ann.open(project)).openTask("One");
  await panel.comment("Stay");
  await expect(panel.comments).toHaveText([/Stay/]);
  const held = new Gate();
  await ann.page.route("**/api/comments/*", async (route) => {
    await held.opened;
    await route.fulfill({ status: 500, json: { error: { code: "internal", message: "no", field: null } } });
  });
  await panel.comments.hover();
  await panel.comments.getByRole("button", { name: "Delete comment" }).click();
  await expect(panel.comments).toHaveCount(0);
  held.open();
  await expect(panel.comments).toHaveText([/Stay/]);
  await expect(ann.page.getByTestId("toast").filter({ hasText: "The comment was not deleted." })).toBeVisible();
});

test("viewers read; watching is one's own choice", async ({ people }) => {
  const ann = await people.register("Ann");
  const vera = await people.register("Vera");
  const project = await projectWith(ann, ["One"], [[vera, "viewer"]]);
  const anns = await (await ann.open(project)).openTask("One");
  await anns.comment("For all to read");
  const veras = await (await vera.open(project)).openTask("One");
  await expect(veras.comments).toHaveText([/For all to read/]);
  await expect(veras.composer).toHaveCount(0);
  await expect(veras.panel).toContainText("ask an owner to make you an editor");
  const watch = veras.panel.getByRole("button", { name: /Watch/ });
  await expect(watch).toHaveAttribute("aria-pressed", "false");
  await watch.click();
  await expect(watch).toHaveAttribute("aria-pressed", "true");
  await anns.comment("And more");
  // She looks at the card: it is told, and read.
  await expect.poll(async () => (await vera.api.notifications()).notifications.length).toBe(1);
  await vera.page.reload();
  await hydrated(vera.page);
  await expect(watch).toHaveAttribute("aria-pressed", "true");
  // Whoever made the card watches it.
  await expect(anns.panel.getByRole("button", { name: "Watching" })).toHaveAttribute("aria-pressed", "true");
});

test("a long thread is read from its end, and its beginning when asked for", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
  for (let n = 1; n <= 60; n += 1) await ann.api.comment(id, `Number ${n}.`);
  const panel = await (await ann.open(project)).openTask("One");
  await expect(panel.comments).toHaveCount(50);
  await expect(panel.comments.first()).toContainText("Number 11.");
  await panel.panel.getByRole("button", { name: "Show earlier comments" }).click();
  await expect(panel.comments).toHaveCount(60);
  await expect(panel.comments.first()).toContainText("Number 1.");
  await expect(panel.panel.getByRole("button", { name: "Show earlier comments" })).toHaveCount(0);
});

test("what was said about a deleted card stays there to read, and names who has left", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
  const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
  await bob.api.comment(id, "I was here");
  await ann.api.removeMember(project, bob.user);
  const panel = await (await ann.open(project)).openTask("One");
  await expect(panel.comments).toContainText("Bob (former member)");
  await ann.api.deleteTask(id);
  await expect(panel.panel).toContainText("This card doesn't exist or was deleted");
  await expect(panel.comments).toHaveText([/I was here/]);
  await expect(panel.composer).toHaveCount(0);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing in a thread, its field and its picker, ${colorScheme}`, async ({ people }) => {
    const ann = await people.register("Ann", { colorScheme });
    const bob = await people.register("Bob");
    const project = await projectWith(ann, ["One"], [[bob, "editor"]]);
    const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
    await bob.api.comment(id, "# Title\n\n- one\n- [x] two\n\n> quote\n\n`code` and [link](https://example.org) for @Ann");
    const panel = await (await ann.open(project)).openTask("One");
    await panel.comment("Mine");
    await expect(panel.comments).toHaveCount(2);
    await panel.comments.last().hover();
    await panel.composer.pressSequentially("@");
    await expect(panel.panel.getByRole("listbox")).toBeVisible();
    await ann.page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
    const { violations } = await new AxeBuilder({ page: ann.page }).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}\n${html}\n${failureSummary}`))).toEqual([]);
  });
}
