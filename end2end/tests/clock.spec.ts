// A computer whose clock is a day off: what the page says of times goes by the server's clock.

import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test, type Person } from "../harness/test.ts";

test.use({ ownServer: true, serviceWorkers: "allow" });

const DAY = 86_400_000;

/** Sets the clock of a browser ahead, or behind. */
async function setClock(person: Person, ahead: number): Promise<void> {
  await person.context.addInitScript((ahead) => {
    const Real = Date;
    const now = () => Real.now() + ahead;
    globalThis.Date = new Proxy(Real, {
      construct: (target, args: unknown[]) => Reflect.construct(target, args.length === 0 ? [now()] : args) as object,
      get: (target, key) => (key === "now" ? now : (Reflect.get(target, key) as unknown)),
    });
  }, ahead);
}

/** A date as the API takes it. */
function day(ahead: number): string {
  return new Date(Date.now() + ahead * DAY).toISOString().slice(0, 10) + "T00:00:00Z";
}

for (const [name, ahead] of [
  ["ahead", 1],
  ["behind", -1],
] as const) {
  test(`a clock that is a day ${name} dates nothing`, async ({ people }) => {
    const ann = await people.register("Ann", { timezoneId: "UTC" });
    ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
    const project = await projectWith(ann, ["Today", "Blocked"]);
    const { tasks } = await ann.api.board(project);
    const [today, blocked] = ["Today", "Blocked"].map((title) => tasks.find((task) => task.title === title)?.id ?? "");
    await ann.api.updateTask(today ?? "", { due_at: day(0) } as object);
    await ann.api.updateTask(blocked ?? "", { blocked_reason: "Waits" } as object);
    await ann.api.comment(today ?? "", "Said just now");
    await setClock(ann, ahead * DAY);
    const board = await ann.open(project);
    await expect(board.card("Today").locator("time")).toContainText("Today");
    await expect(board.card("Today").locator(".card-due-late")).toHaveCount(0);
    await expect(board.card("Blocked").locator(".card-stop")).toContainText(/now|1 min/);

    const panel = await board.openTask("Today");
    await expect(panel.comments.first()).toContainText(/just now|1 min ago/);
    // What one does oneself shows by the same clock, before the server has answered and after.
    await ann.page.route("**/api/tasks/*/comments", (route) => void setTimeout(() => void route.continue(), 1_500));
    await panel.comment("And I");
    await expect(panel.panel.getByText("And I")).toBeVisible();
    await expect(panel.panel.locator("time").filter({ hasText: /yesterday|days? ago|in \d/ })).toHaveCount(0);
    await board.settled();
    await expect(panel.comments.last()).toContainText(/just now|1 min ago/);
    await ann.page.keyboard.press("Escape");

    // A page that comes without the server knows it from before.
    await expect.poll(() => ann.page.evaluate(async (path) => (await caches.match(path)) !== undefined, `/projects/${project.id}`)).toBe(true);
    await ann.context.setOffline(true);
    await ann.page.reload();
    await hydrated(ann.page);
    await expect(board.connection).toHaveAttribute("data-state", "offline");
    await expect(board.card("Today").locator("time")).toContainText("Today");
    await expect(board.card("Today").locator(".card-due-late")).toHaveCount(0);
  });
}
