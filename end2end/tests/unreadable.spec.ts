// What a page cannot read, it leaves out and says so; and what it cannot follow, it does not call live.

import { randomUUID } from "node:crypto";
import { noted, queues } from "../harness/stored.ts";
import { expect, hydrated, type Person, projectWith, test } from "../harness/test.ts";

/** Has the sockets of a page say of each card with this title what no build knows. */
async function garble(person: Person, title: string): Promise<void> {
  await person.page.routeWebSocket(/\/ws\/projects\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => socket.send(odd(String(message), title)));
  });
}

function odd(text: string, title: string): string {
  return text.includes(title) ? text.replace('"priority":"none"', '"priority":"someday"') : text;
}

test("a card that cannot be read is left out and counted, and the board goes on", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  await garble(ann, "Odd");
  await ann.page.route(`**/api/projects/${project.id}/board`, async (route) => {
    const response = await route.fetch();
    const board = await response.json();
    for (const task of board.tasks) if (task.title === "Odd") task.priority = "someday";
    await route.fulfill({ response, json: board });
  });
  const board = await ann.open(project);
  const notice = ann.page.getByTestId("unreadable");
  await expect(notice).toHaveCount(0);
  const { id } = await ann.api.createTask(project, { title: "Odd" });
  await expect(notice).toHaveText("1 card can't be shown. It is kept.");
  await board.live();
  await board.shows("To do", ["One"]);
  await ann.api.createTask(project, { title: "Two" });
  await board.shows("To do", ["One", "Two"]);
  // It is changed into what can be read.
  await ann.api.updateTask(id, { title: "Even" });
  await board.shows("To do", ["One", "Even", "Two"]);
  await expect(notice).toHaveCount(0);
  await board.live();
});

test("a page that cannot read the board either is not live, and says what to do", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  await garble(ann, "Odd");
  let asked = 0;
  await ann.page.route(`**/api/projects/${project.id}/board`, async (route) => {
    asked += 1;
    await route.fulfill({ json: { later: true } });
  });
  const board = await ann.open(project);
  await ann.api.createTask(project, { title: "Odd" });
  await expect(board.connection).toHaveAttribute("data-state", "connecting");
  await expect(board.connection).toHaveAttribute("data-state", "offline", { timeout: 30_000 });
  await expect(board.connection.getByRole("button", { name: /Reload/ })).toBeVisible();
  expect(asked).toBe(3);
  await board.shows("To do", ["One"]);
});

test("a stored change that cannot be read is kept and counted, and the others are sent", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  const change = (op: object) => JSON.stringify({ op_id: randomUUID(), op, at: new Date().toISOString() });
  const newer = change({ fold_task: { task_id: randomUUID(), times: 1.5 } });
  const draft = { title: "From the page before", priority: "none" };
  const known = change({ create_task: { project_id: project.id, draft } });
  // An earlier page of a newer build has left it, in a tab that is gone.
  await ann.page.goto("/favicon.svg");
  await ann.page.evaluate(
    ([key = "", text = ""]) => localStorage.setItem(key, text),
    [`journal:queue/${ann.user.id}/${project.id}/${randomUUID()}/${randomUUID()}`, `{"wishes":[${newer},${known}],"unmade":["damaged"]}`],
  );

  const board = await ann.open(project);
  await board.shows("To do", ["From the page before"]);
  const notice = ann.page.getByTestId("unreadable");
  await expect(notice.getByRole("paragraph")).toHaveText("2 of your changes can't be read. They are kept, but not sent.");
  const kept = async () => (await queues(ann.page)).map((text) => (JSON.parse(text) as { unreadable: string[] }).unreadable.toSorted());
  const unreadable = [`{"unmade":["damaged"]}`, `{"wishes":[${newer}]}`];
  await expect.poll(kept).toEqual([unreadable]);
  await expect.poll(() => noted(ann.page)).toBe(0);

  // The next page has them, too, and so would one of the newer build.
  await ann.page.reload();
  await board.live();
  await expect(notice).toBeVisible();
  await expect.poll(kept).toEqual([unreadable]);
  expect(await ann.api.column(project, "To do"), "sent once").toEqual(["From the page before"]);

  await notice.getByRole("button", { name: "Discard changes" }).click();
  await expect(notice).toHaveCount(0);
  await expect.poll(kept).toEqual([]);
});

test("signing in leads to a path of this site, whatever the link says", async ({ people, server }) => {
  const ann = await people.register("Ann");
  for (const [next, path] of [
    ["/%09/evil.example", "/"],
    ["//evil.example", "/"],
    ["/.//evil.example", "/"],
    ["/%0a", "/"],
    ["/account%3Fa%3Db", "/account?a=b"],
  ]) {
    await ann.page.goto(`/login?next=${next}`);
    await expect(ann.page).toHaveURL(server.url + path);
  }
  for (const [next, path] of [["/.//evil.example", "/"], ["/account%3Fa%3Db", "/account?a=b"]]) {
    const again = await people.visitor();
    await again.page.goto(`/login?next=${next}`);
    await hydrated(again.page);
    await again.page.getByLabel("E-mail").fill(ann.user.email);
    await again.page.getByLabel("Password").fill(ann.password);
    await again.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(again.page).toHaveURL(server.url + path);
  }
});
