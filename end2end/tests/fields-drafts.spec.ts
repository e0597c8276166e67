// Nothing that was typed is lost: this browser keeps it for its author, and offers it again.

import { expect, hydrated, pair, projectWith, test, type People, type Person } from "../harness/test.ts";
import type { BoardPage, TaskPanel } from "../harness/board.ts";
import type { Project } from "../harness/api.ts";
import type { Locator, Page } from "@playwright/test";

interface Typing {
  ann: Person;
  page: Page;
  project: Project;
  id: string;
  board: BoardPage;
  panel: TaskPanel;
}

async function open(people: People): Promise<Typing> {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  const { id } = await ann.api.createTask(project, { title: "Roof", description: "Before" });
  const board = await ann.open(project);
  const panel = await board.openTask("Roof");
  await expect(panel.described).toHaveText("Before");
  return { ann, page: ann.page, project, id, board, panel };
}

const fields = {
  title: (panel: TaskPanel) => panel.panel.getByRole("textbox", { name: "Title" }),
  description: (panel: TaskPanel) => panel.description,
  reason: (panel: TaskPanel) => panel.panel.getByLabel("Blocked by"),
} satisfies Record<string, (panel: TaskPanel) => Locator>;

/** What everybody sees. A description is text until its field is opened. */
async function shows(name: string, panel: TaskPanel, text: string): Promise<void> {
  if (name === "description") await expect(panel.described).toHaveText(text);
  else await expect(fields[name as keyof typeof fields](panel)).toHaveValue(text);
}

test("a card that is typed into a column which somebody else deletes is offered in another one", async ({ people }) => {
  const { annsBoard: board, bobsBoard, ann, project } = await pair(people, ["One"]);
  const { page } = ann;
  await board.column("Done").getByTestId("add-task").click();
  await page.keyboard.type("Half a thought");
  await bobsBoard.page.getByRole("button", { name: "Change column Done" }).press("Enter");
  await bobsBoard.page.getByRole("dialog", { name: "Column" }).getByRole("button", { name: "Delete column" }).press("Enter");
  await expect(board.toasts).toContainText("“Done” was deleted. What you typed is kept as a draft.");
  const draft = board.column("To do").getByTestId("draft");
  await expect(draft.getByRole("button", { name: "Continue" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(board.column("To do").getByRole("textbox")).toHaveValue("Half a thought");
  await page.keyboard.press("Enter");
  await board.settled();
  expect(await ann.api.column(project, "To do")).toEqual(["One", "Half a thought"]);
  await expect(draft).toHaveCount(0);
});

for (const [name, of] of Object.entries(fields)) {
  test(`a ${name} that was not saved is offered after a reload, once`, async ({ people }) => {
    const { ann, page, id, board, panel } = await open(people);
    if (name === "description") await panel.editDescription();
    const before = await of(panel).inputValue();
    await of(panel).fill("Half a thought");
    // As a crash does it: no field is left.
    await page.reload();
    await board.live();
    await shows(name, panel, before);
    const draft = panel.panel.getByTestId("draft");
    await expect(draft).toHaveText(/^Draft from \d{1,2}:\d{2}.*ContinueDiscard$/);
    await draft.getByRole("button", { name: "Continue" }).click();
    await expect(of(panel)).toHaveValue("Half a thought");
    await expect(of(panel)).toBeFocused();
    await expect(draft).toHaveCount(0);
    await of(panel).press("Control+Enter");
    await board.settled();
    const task = await ann.api.task(id);
    expect([task.title, task.description, task.blocked_reason]).toContain("Half a thought");
    await page.reload();
    await board.live();
    await shows(name, panel, "Half a thought");
    await expect(draft, "saved: no draft any more").toHaveCount(0);
  });
}

test("Back, another address and a closed page keep what was typed", async ({ people }) => {
  const { ann, page, project, board, panel } = await open(people);
  const draft = panel.panel.getByTestId("draft");
  const title = fields.title(panel);
  const here = page.url();
  await title.fill("Typed before Back");
  await page.goBack();
  await expect(panel.panel).toBeHidden();
  await page.goForward();
  await expect(draft).toBeVisible();
  await draft.getByRole("button", { name: "Continue" }).click();
  await expect(title).toHaveValue("Typed before Back");
  await title.fill("Typed before another address");
  await page.goto("/account");
  await page.goto(here);
  await board.live();
  await draft.getByRole("button", { name: "Continue" }).click();
  await expect(title).toHaveValue("Typed before another address");
  await page.close();
  const second = await ann.context.newPage();
  await second.goto(here);
  await hydrated(second);
  const again = second.getByRole("dialog").getByTestId("draft");
  await again.getByRole("button", { name: "Discard" }).click();
  await expect(again).toHaveCount(0);
  await second.reload();
  await hydrated(second);
  await expect(again).toHaveCount(0);
  expect(await ann.api.column(project, "To do")).toEqual(["Roof"]);
});

test("a draft of a description is not saved over what others wrote meanwhile", async ({ people }) => {
  const { ann, page, id, board, panel } = await open(people);
  ann.expects(/409/);
  await (await panel.editDescription()).fill("What Ann began");
  await page.reload();
  const { version } = await ann.api.task(id);
  await ann.api.updateTask(id, { description: "What Bob wrote", version });
  await board.live();
  await expect(panel.described).toHaveText("What Bob wrote");
  await panel.panel.getByTestId("draft").getByRole("button", { name: "Continue" }).click();
  await panel.description.press("Control+Enter");
  const both = panel.panel.getByRole("alert");
  await expect(both.getByText("What Ann began")).toBeVisible();
  await expect(both.getByText("What Bob wrote")).toBeVisible();
  expect((await ann.api.task(id)).description).toBe("What Bob wrote");
});

test("Esc closes the editing of a description, and its text stays in reach", async ({ people }) => {
  const { panel } = await open(people);
  await (await panel.editDescription()).fill("Half a page");
  await panel.description.press("Escape");
  await expect(panel.described).toHaveText("Before");
  await panel.panel.getByTestId("draft").getByRole("button", { name: "Continue" }).click();
  await expect(panel.description).toHaveValue("Half a page");
});

test("what was typed into a card that somebody deletes can be copied", async ({ people }) => {
  const { ann, id, panel } = await open(people);
  await (await panel.editDescription()).fill("Half a page");
  await ann.api.deleteTask(id);
  const left = panel.panel.getByTestId("left-behind");
  await expect(left).toContainText("Half a page");
  await expect(left.getByRole("button", { name: "Copy" })).toBeVisible();
  await left.getByRole("button", { name: "Discard" }).click();
  await expect(left).toHaveCount(0);
});

test("a title that the server refuses is kept until its author decides", async ({ people }) => {
  const { ann, page, panel, board } = await open(people);
  ann.expects(/403/);
  await page.route("**/api/tasks/*", (route) =>
    route.request().method() === "PATCH"
      ? route.fulfill({ status: 403, json: { error: { code: "forbidden", message: "no", field: null } } })
      : route.fallback(),
  );
  await panel.retitle("Not allowed");
  const kept = page.getByTestId("unmade");
  await expect(kept).toContainText("Not allowed");
  await page.reload();
  await board.live();
  await expect(kept).toContainText("Not allowed");
});

test("the title of a new card is offered where it was typed, after Esc and after a reload", async ({ people }) => {
  const { page, board } = await open(people);
  const column = board.column("In progress");
  await column.getByTestId("add-task").click();
  await page.keyboard.insertText("Half a card");
  await page.keyboard.press("Escape");
  const draft = column.getByTestId("draft");
  await expect(draft).toContainText("Draft from");
  await page.reload();
  await board.live();
  await expect(board.column("To do").getByTestId("draft")).toHaveCount(0);
  await draft.getByRole("button", { name: "Continue" }).click();
  await expect(column.getByRole("textbox")).toHaveValue("Half a card");
  await column.getByRole("textbox").press("Enter");
  await board.shows("In progress", ["Half a card"]);
  await page.keyboard.press("Escape");
  await expect(draft).toHaveCount(0);
});

test("a draft is never shown to another user of the browser, and waits for its own", async ({ people }) => {
  const { ann, page, board, panel, project } = await open(people);
  const bob = await people.register("Bob");
  await ann.api.addMember(project, bob, "editor");
  const here = page.url();
  await (await panel.editDescription()).fill("Ann's own words");
  await page.goto("about:blank");
  await ann.api.login({ email: bob.user.email, password: bob.password });
  await page.goto(here);
  await board.live();
  await expect(panel.described).toHaveText("Before");
  await expect(panel.panel.getByTestId("draft")).toHaveCount(0);
  await page.goto("about:blank");
  await ann.api.login({ email: ann.user.email, password: ann.password });
  await page.goto(here);
  await board.live();
  await expect(panel.panel.getByTestId("draft")).toHaveCount(1);
});

test("who signs out is told that a draft would be lost", async ({ people }) => {
  const { page, board, panel } = await open(people);
  await (await panel.editDescription()).fill("Half a page");
  await page.reload();
  await board.live();
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("button", { name: "Sign out and lose 1 change" })).toBeVisible();
});
