// The page before its script: the whole board is in the HTML.

import { Gate } from "../harness/gate.ts";
import { expect, projectWith, test } from "../harness/test.ts";

test("without JavaScript the board is there to read", async ({ people }) => {
  const reader = await people.register("Reader", { javaScriptEnabled: false });
  const project = await projectWith(reader, ["One", "Two", "Three"]);
  await reader.page.goto(`/projects/${project.id}`);
  await expect(reader.page.getByTestId("status-column")).toHaveCount(3);
  await expect(reader.page.getByTestId("task-card")).toContainText(["One", "Two", "Three"]);
  await expect(reader.page.locator("html[data-hydrated]")).toHaveCount(0);
});

test("hydration keeps every node of the first paint", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One", "Two"]);
  // The module waits until the nodes of the first paint are marked.
  const marked = new Gate();
  await ann.page.route("**/*.wasm", async (route) => {
    await marked.opened;
    await route.continue();
  });
  await ann.page.goto(`/projects/${project.id}`, { waitUntil: "commit" });
  const cards = ann.page.getByTestId("task-card");
  await expect(cards).toHaveCount(2);
  await cards.evaluateAll((nodes) => nodes.forEach((node) => Object.assign(node, { firstPaint: true })));
  marked.open();
  await expect(ann.page.locator("html[data-hydrated]")).toBeAttached();
  await expect(cards).toHaveCount(2);
  expect(await cards.evaluateAll((nodes) => nodes.every((node) => "firstPaint" in node))).toBe(true);
});

test("text that looks like HTML stays text", async ({ people }) => {
  const ann = await people.register("Ann");
  const title = `</textarea><script>document.title = "run"</script><b>bold</b> & "quotes"`;
  const project = await projectWith(ann, []);
  const { id } = await ann.api.createTask(project, { title, description: title });
  const board = await ann.open(project);
  await expect(board.cards("To do")).toContainText([title]);
  await ann.page.goto(`/projects/${project.id}?task=${id}`);
  await board.live();
  await expect(ann.page.getByTestId("description")).toHaveText(title);
  await expect(ann.page).not.toHaveTitle(/^run/);
});
