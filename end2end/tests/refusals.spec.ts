// The server says no: the card is back where it was, and a toast says why.

import { Gate } from "../harness/gate.ts";
import { expect, hydrated, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";
import type { Route } from "@playwright/test";

function refuse(status: number, code: string): (route: Route) => Promise<void> {
  return (route) => route.fulfill({ status, json: { error: { code, message: `Refused: ${code}.`, field: null } } });
}

for (const [status, code, reason] of [
  [403, "forbidden", "role"],
  [404, "task_not_found", "deleted"],
  [409, "op_conflict", "Reload"],
  [409, "too_many_cards", "Refused: too_many_cards"],
] as const) {
  test(`a move that is answered with ${status} ${code} goes back, with the reason in a toast`, async ({ people }) => {
    const ann = await people.register("Ann");
    ann.expects(REFUSED_REQUEST);
    const project = await projectWith(ann, ["Above", "Refused", "Below"]);
    const board = await ann.open(project);
    await ann.page.route("**/api/tasks/*/status", refuse(status, code));

    await board.drag("Refused", { column: "Done" });
    await expect(board.toasts).toContainText(reason);
    await board.shows("To do", ["Above", "Refused", "Below"]);
    await board.shows("Done", []);
    await board.settled();
  });
}

test("a server error is tried again before it counts", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["Patient"]);
  const board = await ann.open(project);
  const keys = new Set<string | undefined>();
  let attempts = 0;
  await ann.page.route("**/api/tasks/*/status", async (route) => {
    keys.add(route.request().headers()["idempotency-key"]);
    attempts += 1;
    await (attempts === 1 ? refuse(500, "internal")(route) : route.continue());
  });
  await board.drag("Patient", { column: "Done" });
  await expect.poll(() => ann.api.column(project, "Done")).toEqual(["Patient"]);
  await board.settled();
  await board.shows("Done", ["Patient"]);
  await expect(board.toasts).toHaveCount(0);
  expect(attempts).toBeGreaterThan(1);
  expect(keys.size, "one op, one key").toBe(1);
});

test("a server that keeps failing is believed in the end, and the card goes back", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["Hopeless"]);
  const board = await ann.open(project);
  await ann.page.route("**/api/tasks/*/status", refuse(500, "internal"));
  await board.drag("Hopeless", { column: "Done" });
  await board.shows("Done", ["Hopeless"]);
  await expect(board.toasts).toContainText("“Hopeless” was not moved. The server had a problem.", { timeout: 45_000 });
  await board.shows("To do", ["Hopeless"]);
  await board.settled();
});

test("a second drag survives the refusal of the first", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  const dragged = new Gate();
  let first = true;
  await ann.page.route("**/api/tasks/*/status", async (route) => {
    if (!first) return route.continue();
    first = false;
    await dragged.opened;
    await refuse(403, "forbidden")(route);
  });

  await board.drag("One", { column: "In progress" });
  await board.drag("Two", { column: "Done" });
  await board.shows("In progress", ["One"]);
  await board.shows("Done", ["Two"]);
  dragged.open();
  await expect(board.toasts).toContainText("role");
  await board.settled();
  await board.shows("To do", ["One"]);
  await board.shows("In progress", []);
  await board.shows("Done", ["Two"]);
  expect(await ann.api.column(project, "Done")).toEqual(["Two"]);
});

test("a second drag of the same card survives the refusal of the first", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["Twice"]);
  const board = await ann.open(project);
  const dragged = new Gate();
  let first = true;
  await ann.page.route("**/api/tasks/*/status", async (route) => {
    if (!first) return route.continue();
    first = false;
    await dragged.opened;
    await refuse(403, "forbidden")(route);
  });

  await board.drag("Twice", { column: "In progress" });
  await board.drag("Twice", { column: "Done" });
  dragged.open();
  await expect(board.toasts).toContainText("role");
  await board.settled();
  await board.shows("Done", ["Twice"]);
  expect(await ann.api.column(project, "Done")).toEqual(["Twice"]);
});

test("whoever is signed out elsewhere signs in again, and finds the way back to this board and what they did", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  await ann.context.clearCookies();
  await board.drag("One", { column: "Done" });
  await expect(ann.page).toHaveURL(/\/login\?next=/);
  await hydrated(ann.page);
  await ann.page.getByLabel("E-mail").fill(ann.user.email);
  await ann.page.getByLabel("Password").fill(ann.password);
  await ann.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await board.live();
  await expect(ann.page).toHaveURL(new RegExp(`/projects/${project.id}$`));
  await board.shows("Done", ["One"]);
  expect(await ann.api.column(project, "Done")).toEqual(["One"]);
});
