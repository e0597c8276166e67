// The states that come and go (what opens, what is refused, what is over) hold together where room is short, text is large
// or colours are the system's, in light and in dark, as the pages themselves do (reach.spec.ts).

import { day, OversightPage } from "../harness/oversight.ts";
import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";
import { check, FORCED, larger, LARGE_TEXT, SMALL_PHONE, type Way } from "../harness/ways.ts";

const WIDE: Way = { name: "a wide screen", options: { viewport: { width: 1440, height: 900 } }, target: 24 };
const TITLE = "A card with a title that goes on for a while, as titles of cards do when nobody stops them";
const SOMEBODY = "somebody.with.a.long.address@department.example.org";

// Each test looks at ten states, by axe too, which is work for a minute where the machine does much else.
test.describe.configure({ timeout: 180_000 });

for (const way of [WIDE, SMALL_PHONE, LARGE_TEXT, FORCED]) {
  const { options } = way;

  test(`${way.name}: sign-in, projects, invitations and settings, and what they refuse`, async ({ people }) => {
    const [ann, visitor] = [await people.register("Ann", options), await people.visitor(options)];
    ann.expects(REFUSED_REQUEST);
    visitor.expects(REFUSED_REQUEST);
    for (const person of [ann, visitor]) await larger(way, person);
    const { page } = visitor;
    const look = (state: string, part?: string) => check(way, page, state, part);
    for (const path of ["/forgot-password", "/reset-password#nothing", "/verify-email#nothing", "/no/such/page", "/invitations/nothing"]) {
      await page.goto(path);
      await hydrated(page);
      await look(path);
    }
    await page.goto("/register");
    await hydrated(page);
    await page.getByLabel("Name").fill("Grace");
    await page.getByLabel("E-mail").fill("grace");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByText("Enter an e-mail address, like name@example.org.")).toBeVisible();
    await expect(page.getByText("This can't be empty.")).toBeVisible();
    await expect(page.getByLabel("E-mail")).toBeFocused();
    await look("register, refused");
    await page.getByLabel("E-mail").fill("grace@example.org");
    await page.getByLabel(/^Password/).pressSequentially("short");
    await expect(page.getByText("This can't be empty.")).toHaveCount(0);
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByText("Use 10 to 256 characters.")).toBeVisible();

    const project = await projectWith(ann, ["One"]);
    await ann.api.createProject("Spring campaign for the new shop and all that belongs to it, this year and next");
    const { url } = await ann.api.invite(project, "editor", SOMEBODY);
    for (const person of [visitor, ann]) {
      await person.page.goto(new URL(url).pathname);
      await hydrated(person.page);
      await check(way, person.page, person === ann ? "an invitation for somebody else" : "an invitation");
    }
    await ann.page.goto("/");
    await hydrated(ann.page);
    await ann.page.getByRole("button", { name: "New project" }).click();
    await check(way, ann.page, "a new project");
    await ann.page.goto(`/projects/${project.id}/settings`);
    await hydrated(ann.page);
    const limit = ann.page.getByLabel("WIP limit").first();
    await limit.fill("-3");
    await limit.press("Enter");
    await expect(ann.page.getByText("Enter a whole number from 1 to 999, or leave it empty.")).toBeVisible();
    await check(way, ann.page, "a limit, refused", "#columns");
    await ann.page.getByRole("button", { name: `Revoke the invitation for ${SOMEBODY}` }).click();
    await expect(ann.page.getByRole("dialog")).toBeVisible();
    await check(way, ann.page, "revoking", "dialog[open]");
  });

  test(`${way.name}: what happens on a board`, async ({ people }) => {
    const ann = await people.register("Featherstonehaugh", options);
    ann.expects(REFUSED_REQUEST, LOST_CONNECTION);
    await larger(way, ann);
    const project = await projectWith(ann, [TITLE, "Two", "Three"]);
    const { page } = ann;
    const look = (state: string, part?: string) => check(way, page, state, part);
    const board = await ann.open(project);
    const column = board.column("To do");

    await column.getByTestId("add-task").click();
    const field = column.getByRole("textbox");
    await field.fill("x ".repeat(300));
    await expect(column.getByText(/At most 500 fit/)).toBeVisible();
    await look("too much for a card", ".composer");
    await field.fill("Half a card");
    await field.press("Escape");
    await expect(column.getByTestId("draft")).toBeVisible();
    await look("a draft of a card", ".composer");

    await page.getByRole("button", { name: "To do", exact: true }).click();
    await expect(page.getByRole("textbox", { name: "Column name" })).toBeFocused();
    await look("a column's name", ".column-head");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Collapse column In progress" }).click();
    await look("a collapsed column", ".board");

    const toggle = page.getByRole("button", { name: "Filter cards", exact: true });
    if (await toggle.isVisible()) await toggle.click();
    await page.getByLabel("Filter cards by text").fill("nothing like it");
    await page.getByLabel("Filter cards by assignee").selectOption({ label: "Unassigned" });
    await expect(page.getByTestId("no-match")).toBeVisible();
    await look("no match");
    await page.getByTestId("no-match").getByRole("button", { name: "Clear filter" }).click();
    await board.remove("Three");
    await expect(board.toasts).toBeVisible();
    await look("a toast", ".toasts");

    await page.routeWebSocket(/\/ws\//, (socket) => void setTimeout(() => void socket.close({ code: 4401, reason: "over" })));
    await page.reload();
    await hydrated(page);
    await expect(page.getByRole("alert").filter({ hasText: "You're signed out." })).toBeVisible();
    await board.openTask("Two");
    await look("signed out");
  });

  test(`${way.name}: what happens in a card, and in the bell`, async ({ people }) => {
    const ann = await people.register("Ann", options);
    const bob = await people.register("Bob Featherstonehaugh");
    const vi = await people.register("Violet", options);
    for (const person of [ann, vi]) await larger(way, person);
    ann.expects(/409/, REFUSED_REQUEST);
    const project = await projectWith(ann, [TITLE, "Two"], [
      [bob, "editor"],
      [vi, "viewer"],
    ]);
    const [one, two] = (await ann.api.board(project)).tasks;
    const id = one?.id ?? "";
    await bob.api.updateTask(id, { priority: "urgent", start_at: day(-5), due_at: day(-3), estimate_hours: 7.5, blocked_reason: "Waiting" });
    await bob.api.assign(id, ann.user);
    await bob.api.comment(id, `@Ann ${"something ".repeat(30)}\n\n| A | B | C |\n|--|--|--|\n| ${"x".repeat(40)} | ${"y".repeat(40)} | z |`);
    const { page } = ann;
    const look = (state: string, part?: string) => check(way, page, state, part);
    const board = await ann.open(project);

    await page.getByRole("button", { name: /notifications/i }).first().click();
    await expect(page.getByTestId("notification").first()).toBeVisible();
    await look("the bell", ".notifications");
    await page.keyboard.press("Escape");

    const panel = await board.openTask(TITLE);
    await expect(panel.comments).toHaveCount(1);
    const due = panel.panel.getByLabel("Due", { exact: true });
    await due.fill("whenever");
    await due.press("Enter");
    await expect(panel.panel.getByText("Enter a date, like 24 Nov or 2026-11-24.")).toBeVisible();
    await look("a date, refused", ".properties");
    await due.press("Escape");
    await panel.panel.getByRole("button", { name: "Choose a date" }).last().click();
    await expect(page.getByRole("dialog", { name: "Choose a date" })).toBeVisible();
    await page.locator(".date-picker:popover-open [aria-selected=true] .date-day").hover();
    await look("the dates, and the chosen one under the mouse", ".date-picker:popover-open");
    await page.keyboard.press("Escape");
    await panel.composer.pressSequentially("Hello @");
    await expect(panel.panel.getByRole("listbox", { name: "People to mention" })).toBeVisible();
    await look("the people to mention", ".task-dialog");
    await panel.composer.fill("");
    const field = await panel.editDescription();
    await field.fill("What Ann wrote");
    const { version } = await ann.api.task(id);
    await bob.api.updateTask(id, { description: "What Bob wrote", version });
    await field.press("Escape");
    await expect(panel.panel.getByTestId("draft")).toBeVisible();
    await look("a draft of a description", ".task-dialog");
    await panel.panel.getByTestId("draft").getByRole("button", { name: "Continue" }).click();
    await panel.description.press("Control+Enter");
    await expect(panel.panel.getByRole("alert").getByText("What Bob wrote")).toBeVisible();
    await look("two descriptions", ".task-dialog");

    await page.goto(`/projects/${project.id}?task=${two?.id}`);
    await board.live();
    await (await panel.editDescription()).fill("Half a page");
    await bob.api.deleteTask(two?.id ?? "");
    await expect(panel.panel.getByTestId("left-behind")).toBeVisible();
    await look("a card that is gone", ".task-dialog");

    const theirs = await vi.open(project);
    await theirs.openTask(TITLE);
    await check(way, vi.page, "a card that is only read", ".task-dialog");
  });

  test(`${way.name}: what opens in oversight`, async ({ people }) => {
    const ann = await people.register("Ann", options);
    await larger(way, ann);
    const { page } = ann;
    const oversight = new OversightPage(page);
    await oversight.open("flow");
    await expect(page.getByRole("link", { name: "Create your first project" })).toBeVisible();
    await expect(page.locator(".header-link"), "marked on each of its pages").toHaveAttribute("data-here", "");
    await check(way, page, "nothing to oversee");

    const project = await projectWith(ann, [TITLE, "Two"]);
    const { tasks } = await ann.api.board(project);
    for (const [at, { id }] of tasks.entries()) {
      await ann.api.updateTask(id, { due_at: day(at * 2 - 1), estimate_hours: 12 });
      await ann.api.assign(id, ann.user);
    }
    await oversight.open("flow");
    await page.getByTestId("flow-cumulative").getByRole("button", { name: "Show as a table" }).click();
    await check(way, page, "flow as a table", "[data-testid=flow-cumulative]");
    await oversight.open("heatmap");
    await page.getByRole("radio", { name: "Table" }).check();
    await check(way, page, "heatmap as a table", "main");
    await oversight.open("workload");
    await page.getByRole("button", { name: "Capacity of Ann" }).click();
    await page.getByRole("button", { name: "Add days off" }).click();
    await check(way, page, "capacity", "dialog[open]");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByTestId("load-overdue").filter({ visible: true }).first().click();
    await page.getByTestId("load-task").getByRole("button", { name: /^Move/ }).click();
    await expect(page.getByRole("dialog", { name: "Move" })).toBeVisible();
    await check(way, page, "moving", ".move-dialog");
  });
}
