// Two people write one description. Neither text is lost.

import { expect, projectWith, REFUSED_REQUEST, test, type People, type Person } from "../harness/test.ts";
import type { TaskPanel } from "../harness/board.ts";

interface Conflict {
  ann: Person;
  id: string;
  panel: TaskPanel;
}

/** Ann was typing when Bob saved, and has now left the field. */
async function conflict(people: People): Promise<Conflict> {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, [], [[bob, "editor"]]);
  const { id, version } = await ann.api.createTask(project, { title: "Shared", description: "Before" });
  const board = await ann.open(project);
  const panel = await board.openTask("Shared");
  await expect(panel.described).toHaveText("Before");
  await (await panel.editDescription()).fill("What Ann wrote");
  await bob.api.updateTask(id, { description: "What Bob wrote", version });
  // Bob's change is here, and Ann's text stays as she typed it.
  await expect.poll(async () => (await ann.api.task(id)).version).toBeGreaterThan(version);
  await expect(panel.description).toHaveValue("What Ann wrote");
  await panel.description.blur();
  const both = panel.panel.getByRole("alert");
  await expect(both.getByText("What Ann wrote")).toBeVisible();
  await expect(both.getByText("What Bob wrote")).toBeVisible();
  expect((await ann.api.task(id)).description).toBe("What Bob wrote");
  return { ann, id, panel };
}

test("a description is saved when it is left, and is there for the others", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["Shared"], [[bob, "editor"]]);
  const [annsBoard, bobsBoard] = [await ann.open(project), await bob.open(project)];
  const [annsPanel, bobsPanel] = [await annsBoard.openTask("Shared"), await bobsBoard.openTask("Shared")];
  await annsPanel.describe("Line **one**\nLine two");
  for (const shown of [bobsPanel.described, annsPanel.described]) {
    await expect(shown).toHaveText(/^\s*Line one\s*Line two\s*$/);
    await expect(shown.locator("strong")).toHaveText("one");
  }
  await ann.page.reload();
  await expect(annsPanel.described).toHaveText(/^\s*Line one\s*Line two\s*$/);
  await expect(await annsPanel.editDescription()).toHaveValue("Line **one**\nLine two");
});

test("a conflict shows both texts, and mine can be kept", async ({ people }) => {
  const { ann, id, panel } = await conflict(people);
  await panel.panel.getByRole("button", { name: "Keep mine" }).click();
  await expect.poll(async () => (await ann.api.task(id)).description).toBe("What Ann wrote");
  await expect(panel.panel.getByText("What Bob wrote")).toHaveCount(0);
  await expect(panel.described).toHaveText("What Ann wrote");
});

test("a conflict shows both texts, and theirs can be taken", async ({ people }) => {
  const { ann, id, panel } = await conflict(people);
  await panel.panel.getByRole("button", { name: "Take theirs" }).click();
  await expect(panel.described).toHaveText("What Bob wrote");
  await expect(panel.panel.getByText("What Ann wrote")).toHaveCount(0);
  expect((await ann.api.task(id)).description).toBe("What Bob wrote");
});
