// What an input method composes is its own until it is done: no key of a composition saves, sends or closes anything.

import type { CDPSession, Locator, Page } from "@playwright/test";
import { expect, hydrated, projectWith, test } from "../harness/test.ts";

/** As the browser's protocol numbers it. */
const CONTROL = 2;

/** A Japanese keyboard, as the browser hears it. */
class InputMethod {
  private constructor(
    readonly page: Page,
    readonly cdp: CDPSession,
  ) {}

  static async of(page: Page): Promise<InputMethod> {
    return new InputMethod(page, await page.context().newCDPSession(page));
  }

  /** Shows a text that is not decided yet. */
  async compose(text: string): Promise<void> {
    await this.cdp.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  }

  /** A key that the input method takes: browsers tell the page of it as of the key 229. */
  async takes(key: "Enter" | "Escape" | "ArrowDown", modifier?: "Control"): Promise<void> {
    const modifiers = modifier === undefined ? 0 : CONTROL;
    for (const type of ["rawKeyDown", "keyUp"] as const) {
      await this.cdp.send("Input.dispatchKeyEvent", { type, key, code: key, modifiers, windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 });
    }
  }

  /** Decides. */
  async commit(text: string): Promise<void> {
    await this.cdp.send("Input.insertText", { text });
  }
}

/** The Enter that Safari sends when it has just ended a composition. */
async function enterOfSafari(field: Locator): Promise<boolean> {
  return field.evaluate((element) => {
    element.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "日本" }));
    // Not prevented: whoever hears it takes it for a key of theirs.
    return element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", bubbles: true, cancelable: true }));
  });
}

test("Enter and Esc of a composition save nothing in the title, the reason and the hours", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  const { id } = await ann.api.createTask(project, { title: "Roof" });
  const board = await ann.open(project);
  const { panel } = await board.openTask("Roof");
  const keyboard = await InputMethod.of(ann.page);
  const sent: string[] = [];
  ann.page.on("request", (request) => request.method() === "PATCH" && sent.push(request.url()));
  for (const field of [panel.getByRole("textbox", { name: "Title" }), panel.getByLabel("Blocked by"), panel.getByLabel("Due", { exact: true })]) {
    await field.fill("");
    await keyboard.compose("にほ");
    await keyboard.takes("Enter");
    await keyboard.compose("にほん");
    await keyboard.takes("Escape");
    await expect(panel, "the panel stays").toBeVisible();
    await expect(field).toHaveValue("にほん");
    await keyboard.commit("日本");
    await enterOfSafari(field);
    await expect(field).toHaveValue("日本");
    await expect(field).toBeFocused();
    expect(sent).toEqual([]);
    await field.press("Escape");
  }
  const title = panel.getByRole("textbox", { name: "Title" });
  await title.fill("");
  await keyboard.compose("にほん");
  await keyboard.commit("日本");
  await expect(title).toHaveValue("日本");
  await title.press("Enter");
  await expect.poll(async () => (await ann.api.task(id)).title).toBe("日本");
  expect(sent).toHaveLength(1);
});

test("the composer keeps its Enter and its Esc for what is decided", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  const board = await ann.open(project);
  const keyboard = await InputMethod.of(ann.page);
  await board.column("To do").getByTestId("add-task").click();
  const field = board.column("To do").getByRole("textbox");
  await keyboard.compose("にほん");
  await keyboard.takes("Escape");
  await expect(field, "Esc closes the candidates, not the field").toBeFocused();
  await keyboard.takes("Enter");
  await keyboard.commit("日本");
  await enterOfSafari(field);
  await expect(field).toHaveValue("日本");
  await board.shows("To do", []);
  await field.press("Enter");
  await board.shows("To do", ["日本"]);
});

test("an open list of people leaves the Enter and the arrows of a composition alone", async ({ people }) => {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, ["Roof"], [[bob, "editor"]]);
  const board = await ann.open(project);
  const panel = await board.openTask("Roof");
  const keyboard = await InputMethod.of(ann.page);
  await panel.composer.pressSequentially("@");
  const options = panel.panel.getByRole("listbox", { name: "People to mention" }).getByRole("option");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await keyboard.compose("b");
  await keyboard.takes("ArrowDown");
  await keyboard.takes("Enter");
  await keyboard.takes("Escape");
  await expect(options.first(), "the list stays").toBeVisible();
  await expect(panel.composer).toHaveValue("@b");
  await keyboard.commit("bo");
  await expect(panel.composer).toHaveValue("@bo");
  await panel.composer.press("Enter");
  await expect(panel.composer).toHaveValue("@Bob ");
});

test("a name is not saved half converted, and a dialog stays", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  const { page } = ann;
  await page.goto(`/projects/${project.id}/settings`);
  await hydrated(page);
  const keyboard = await InputMethod.of(page);
  const sent: string[] = [];
  page.on("request", (request) => request.method() === "PATCH" && sent.push(request.url()));
  const name = page.getByRole("region", { name: "General" }).getByLabel("Name");
  await name.fill("");
  await keyboard.compose("だいどころ");
  await keyboard.takes("Enter");
  await enterOfSafari(name);
  await expect(name).toBeFocused();
  expect(sent).toEqual([]);
  await keyboard.commit("台所");
  await expect(name).toHaveValue("台所");
  await name.press("Enter");
  await expect.poll(async () => (await ann.api.board(project)).project.name).toBe("台所");
});

test("a comment and a description keep what is composed, and are sent once it is decided", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, []);
  const { id } = await ann.api.createTask(project, { title: "Roof", description: "Before" });
  const board = await ann.open(project);
  const panel = await board.openTask("Roof");
  const keyboard = await InputMethod.of(ann.page);
  const sent: string[] = [];
  ann.page.on("request", (request) => ["PATCH", "POST"].includes(request.method()) && sent.push(request.url()));
  const composes = async (field: Locator) => {
    await keyboard.compose("にほ");
    await keyboard.takes("Enter");
    await keyboard.takes("Enter", "Control");
    await keyboard.compose("にほん");
    await keyboard.takes("Escape");
    await expect(panel.panel, "the panel stays").toBeVisible();
    await expect(field, "and the field is open").toBeFocused();
    await expect(field).toHaveValue("にほん");
    await keyboard.commit("日本");
    await enterOfSafari(field);
    await expect(field).toHaveValue("日本");
    expect(sent).toEqual([]);
  };

  await panel.composer.click();
  await composes(panel.composer);
  await panel.composer.press("Control+Enter");
  await expect.poll(async () => (await ann.api.thread(id)).map(({ body }) => body)).toEqual(["日本"]);
  await board.settled();
  sent.length = 0;

  await panel.editDescription();
  await panel.description.fill("");
  await composes(panel.description);
  await panel.description.press("Control+Enter");
  await expect.poll(async () => (await ann.api.task(id)).description).toBe("日本");
  expect(sent).toHaveLength(1);
});

test("Esc of a composition does not empty the filter, and its Enter does not rename a column", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["日本", "Roof"]);
  const board = await ann.open(project);
  const { page } = ann;
  const keyboard = await InputMethod.of(page);
  const filter = page.getByRole("searchbox", { name: "Filter cards by text" });
  await filter.click();
  await keyboard.compose("にほん");
  await keyboard.takes("Escape");
  await keyboard.takes("Enter");
  await expect(filter).toHaveValue("にほん");
  await keyboard.commit("日本");
  await expect(filter).toHaveValue("日本");
  await expect(filter).toBeFocused();
  await expect(board.count("To do")).toContainText("1 of 2");
  await filter.press("Escape");
  await expect(filter).toHaveValue("");

  const sent: string[] = [];
  page.on("request", (request) => request.method() === "PATCH" && sent.push(request.url()));
  await page.getByRole("button", { name: "To do", exact: true }).click();
  const name = page.getByRole("textbox", { name: "Column name" });
  await expect(name).toBeFocused();
  await keyboard.compose("よて");
  await keyboard.takes("Enter");
  await keyboard.compose("よてい");
  await keyboard.takes("Escape");
  await expect(name, "it is still being named").toBeFocused();
  await expect(name).toHaveValue("よてい");
  await keyboard.commit("予定");
  await enterOfSafari(name);
  await expect(name).toHaveValue("予定");
  expect(sent).toEqual([]);
  await name.press("Enter");
  await expect(name).toHaveCount(0);
  await expect.poll(async () => (await ann.api.board(project)).statuses.map(({ name }) => name)).toContain("予定");
  expect(sent).toHaveLength(1);
});
