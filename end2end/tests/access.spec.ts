// Who may do what, as the page shows it. The API's own rules are tested with the server.

import { expect, hydrated, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

test("a viewer sees everything live, and can change nothing", async ({ people }) => {
  const ann = await people.register("Ann");
  const vera = await people.register("Vera");
  const project = await projectWith(ann, ["One", "Two"], [[vera, "viewer"]]);
  const [annsBoard, verasBoard] = [await ann.open(project), await vera.open(project)];

  await expect(annsBoard.column("To do").getByTestId("add-task")).toBeVisible();
  await expect(verasBoard.page.getByTestId("add-task")).toHaveCount(0);
  await expect(verasBoard.page.getByRole("button", { name: /^Actions for/ })).toHaveCount(0);

  const writes: string[] = [];
  verasBoard.page.on("request", (request) => {
    if (request.method() !== "GET") writes.push(`${request.method()} ${request.url()}`);
  });
  await verasBoard.drag("One", { column: "Done" });
  await verasBoard.shows("To do", ["One", "Two"]);
  await verasBoard.card("One").focus();
  await verasBoard.page.keyboard.press("Space");
  await verasBoard.page.keyboard.press("ArrowRight");
  await verasBoard.page.keyboard.press("Space");
  await verasBoard.shows("To do", ["One", "Two"]);
  expect(writes).toEqual([]);

  await annsBoard.drag("One", { column: "Done" });
  await verasBoard.shows("Done", ["One"]);
});

test("a project of other people does not exist for anybody else", async ({ people }) => {
  const ann = await people.register("Ann");
  const eve = await people.register("Eve");
  eve.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["Secret"]);
  const answer = await eve.page.goto(`/projects/${project.id}`);
  expect(answer?.status()).toBe(404);
  await hydrated(eve.page);
  await expect(eve.page.getByText("Secret")).toHaveCount(0);
  await expect(eve.page.getByText(project.name)).toHaveCount(0);
});

test("an address that leads nowhere is a 404 that leads on", async ({ people }) => {
  const visitor = await people.visitor();
  visitor.expects(REFUSED_REQUEST);
  const answer = await visitor.page.goto("/no/such/page");
  expect(answer?.status()).toBe(404);
  await hydrated(visitor.page);
  await expect(visitor.page.getByRole("link", { name: "All projects", exact: true })).toBeVisible();
});
