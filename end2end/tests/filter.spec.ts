// The filter of a board: in the address, by text and by person.

import { type Page } from "@playwright/test";
import { expect, hydrated, LOST_CONNECTION, pair, type People, type Person, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";
import type { BoardPage } from "../harness/board.ts";
import type { Project, User } from "../harness/api.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

function field(page: Page) {
  return page.getByLabel("Filter cards by text");
}

async function type(page: Page, text: string): Promise<void> {
  await field(page).click();
  await field(page).press("ControlOrMeta+a");
  await field(page).pressSequentially(text);
}

interface Searched {
  ann: Person;
  bob: Person;
  project: Project;
  board: BoardPage;
}

/** Four cards: one has the word in its title, one in its description, one in its assignee's name. */
async function searched(people: People): Promise<Searched> {
  const ann = await people.register("Ann");
  const bob = await people.register("Robert Lamp");
  const project = await projectWith(ann, ["Buy a lamp", "Curtains", "Shelf", "Door"], [[bob, "editor"]]);
  const { tasks } = await ann.api.board(project);
  const id = (title: string) => tasks.find((task) => task.title === title)?.id ?? "";
  await ann.api.updateTask(id("Curtains"), { description: "To match the **LAMP**", version: 1 });
  await ann.api.assign(id("Shelf"), bob.user);
  return { ann, bob, project, board: await ann.open(project) };
}

/** The titles that a column shows. */
async function shown(board: BoardPage, column: string, titles: string[]): Promise<void> {
  await expect(board.cards(column).filter({ visible: true })).toHaveText(titles.map((title) => new RegExp(title)));
}

test("titles, descriptions and people are searched, the head counts, and the address keeps it", async ({ people }, info) => {
  const { ann, board } = await searched(people);
  const { page } = ann;
  await type(page, "lamp");
  await shown(board, "To do", ["Buy a lamp", "Curtains", "Shelf"]);
  await expect(board.count("To do")).toHaveText("3 of 4 cards");
  await expect(board.count("Done")).toHaveText("0 of 0 cards");
  await expect(page).toHaveURL(/\?q=lamp$/);
  await page.screenshot({ path: info.outputPath("filter.png") });

  // The first paint has it already, before any script.
  const html = await (await page.request.get(page.url())).text();
  expect(html.match(/<li (?=[^>]*class="slot")[^>]*\bhidden/g) ?? [], "the one that does not match").toHaveLength(1);
  await page.reload();
  await board.live();
  await expect(field(page)).toHaveValue("lamp");
  await shown(board, "To do", ["Buy a lamp", "Curtains", "Shelf"]);

  // A card is opened and closed, another page is visited: Back leads to what was seen.
  await board.openTask("Curtains");
  await expect(page).toHaveURL(/\?q=lamp&task=[\w-]+$/);
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\?q=lamp$/);
  await page.getByRole("link", { name: "Project settings" }).click();
  await expect(page.getByRole("heading", { name: "Project settings" })).toBeVisible();
  await page.goBack();
  await board.live();
  await expect(field(page)).toHaveValue("lamp");
  await shown(board, "To do", ["Buy a lamp", "Curtains", "Shelf"]);
});

test("what a colleague writes into a description is found without typing again", async ({ people }) => {
  const { ann, bob, project, board } = await searched(people);
  await type(ann.page, "lamp");
  await shown(board, "To do", ["Buy a lamp", "Curtains", "Shelf"]);
  const door = (await bob.api.board(project)).tasks.find(({ title }) => title === "Door");
  await bob.api.updateTask(door?.id ?? "", { description: "A lamp beside it", version: door?.version ?? 1 });
  await shown(board, "To do", ["Buy a lamp", "Curtains", "Shelf", "Door"]);
});

test("where nothing matches, the board says so, and clears the filter", async ({ people }, info) => {
  const { ann, board } = await searched(people);
  await type(ann.page, "xyz");
  const note = ann.page.getByTestId("no-match");
  await expect(note).toContainText("No cards match the filter");
  await expect(note).toContainText("“xyz”");
  await ann.page.screenshot({ path: info.outputPath("no-match.png") });
  await note.getByRole("button", { name: "Clear filter" }).click();
  await expect(note).toHaveCount(0);
  await expect(board.count("To do")).toHaveText("4 cards");
  await expect(ann.page).toHaveURL(/\/projects\/[\w-]+$/);
});

test("a card that one adds while the filter would hide it stays in sight, and says why", async ({ people }, info) => {
  const { ann, bob, project, board } = await searched(people);
  await type(ann.page, "lamp");
  await expect(board.count("To do")).toHaveText("3 of 4 cards");
  await board.add("To do", ["Window"]);
  await expect(board.card("Window")).toBeVisible();
  await expect(board.card("Window")).toContainText("It doesn't match the filter.");
  await expect(board.count("To do")).toHaveText("4 of 5 cards");
  await ann.page.screenshot({ path: info.outputPath("added.png") });
  // What others add is filtered as ever.
  await bob.api.createTask(project, { title: "Roof" });
  await expect(board.count("To do")).toHaveText("4 of 6 cards");
  await expect(board.card("Roof")).toBeHidden();
  // With the next filter it is a card like the others.
  await type(ann.page, "lam");
  await expect(board.card("Window")).toBeHidden();
  await type(ann.page, "wind");
  await expect(board.card("Window")).toBeVisible();
  await expect(board.card("Window")).not.toContainText("filter");
});

test("a face filters, together with the text, and a second click shows everybody again", async ({ people }, info) => {
  const { ann, board } = await searched(people);
  const { page } = ann;
  const robert = page.getByRole("button", { name: /^Robert Lamp/ });
  await expect(robert).toHaveAttribute("aria-pressed", "false");
  await robert.focus();
  await page.keyboard.press("Enter");
  await expect(robert).toHaveAttribute("aria-pressed", "true");
  await shown(board, "To do", ["Shelf"]);
  await expect(board.count("To do")).toHaveText("1 of 4 cards");
  await expect(page).toHaveURL(/\?assignee=[\w-]+$/);
  await expect(page.getByLabel("Filter cards by assignee")).toHaveValue(/./);
  await page.screenshot({ path: info.outputPath("face.png") });
  await type(page, "curtain");
  await expect(page.getByTestId("no-match")).toContainText("“curtain” · Robert Lamp");
  await robert.click();
  await expect(robert).toHaveAttribute("aria-pressed", "false");
  await shown(board, "To do", ["Curtains"]);
  await page.getByRole("button", { name: "Clear filter" }).click();
  await expect(board.count("To do")).toHaveText("4 cards");
});

test("on a phone the filter has a row of its own, and covers no column's head", async ({ people }, info) => {
  const ann = await people.register("Ann", phone);
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  const { page } = ann;
  await page.getByRole("button", { name: "Filter cards" }).tap();
  await expect(field(page)).toBeFocused();
  await page.keyboard.type("two");
  await expect(board.count("To do")).toHaveText("1 of 2 cards");
  await page.screenshot({ path: info.outputPath("phone-filter.png") });
  const [bar, head] = [await page.locator(".filter").boundingBox(), await board.column("To do").locator(".column-head").boundingBox()];
  expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeLessThanOrEqual(head?.y ?? 0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

/** The colour of somebody's initials, wherever the page shows them. */
function hues(page: Page, name: string): Promise<string[]> {
  return page.evaluate((name) => {
    const initials = name.split(" ").map((word) => word[0]).join("");
    const faces = [...document.querySelectorAll(".avatar")].filter(
      // In a control its initials are drawn, and are no text.
      (face) => (face.textContent || face.getAttribute("data-initials")) === initials,
    );
    return faces.map((face) => /hue-\d+/.exec(face.className)?.[0] ?? "none");
  }, name);
}

test("twelve people have twelve colours, the same on every page, and all of them are legible", async ({ people }, info) => {
  test.setTimeout(180_000);
  const ann = await people.register("Ann Aster");
  const project = await ann.api.createProject("Colours");
  const names = "BCDEFGHIJKL".split("").map((letter) => `${letter}en ${letter}ook`);
  const others: Person[] = [];
  for (const name of names) {
    const person = await people.register(name);
    await ann.api.addMember(project, person, "editor");
    others.push(person);
  }
  const task = await ann.api.createTask(project, { title: "One", description: "" });
  const second = others[0] as Person;
  await ann.api.assign(task.id, second.user);
  await second.api.comment(task.id, "Here");
  await ann.page.goto(`/projects/${project.id}/settings`);
  await hydrated(ann.page);
  const own = await Promise.all([ann, ...others].map(async ({ user }: { user: User }) => (await hues(ann.page, user.name)).at(-1)));
  expect(new Set(own).size, `twelve of ${own}`).toBe(12);
  await ann.page.screenshot({ path: info.outputPath("settings.png"), fullPage: true });

  const of = (user: User) => own[[ann, ...others].findIndex((person) => person.user.id === user.id)];
  for (const [path, name] of [
    [`/projects/${project.id}?task=${task.id}`, second.user],
    [`/oversight/workload?project=${project.id}`, second.user],
    [`/projects/${project.id}?task=${task.id}`, ann.user],
    ["/", ann.user],
    ["/account", ann.user],
    ["/oversight/report", ann.user],
  ] as const) {
    await ann.page.goto(path);
    await hydrated(ann.page);
    await expect(async () => {
      const found = await hues(ann.page, name.name);
      expect(found.length, `${name.name} at ${path}`).toBeGreaterThan(0);
      expect([...new Set(found)], `${name.name} at ${path}`).toEqual([of(name)]);
    }).toPass({ timeout: 10_000 });
  }

  for (const scheme of ["light", "dark"] as const) {
    await ann.page.emulateMedia({ colorScheme: scheme });
    const low = await ann.page.evaluate(() => {
      const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
      const luminance = (color: string) => {
        pen.fillStyle = color;
        pen.fillRect(0, 0, 1, 1);
        const channels = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => value / 255);
        const [r = 0, g = 0, b = 0] = channels.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      return Array.from({ length: 12 }, (_, hue) => {
        const face = document.createElement("span");
        face.className = `avatar hue-${hue}`;
        document.body.append(face);
        const { color, backgroundColor } = getComputedStyle(face);
        const [light = 0, dark = 0] = [luminance(color), luminance(backgroundColor)].toSorted((a, b) => b - a);
        face.remove();
        return (light + 0.05) / (dark + 0.05);
      });
    });
    expect(Math.min(...low), `${scheme}: ${low.map((ratio) => ratio.toFixed(1))}`).toBeGreaterThanOrEqual(4.5);
  }
});

test("who stays keeps their colour when another leaves, on every page, and so does who is put back", async ({ people }) => {
  const ann = await people.register("Ann Aster");
  const project = await ann.api.createProject("Colours");
  const others = await Promise.all(["Ben Book", "Cid Cook", "Dan Dook"].map((name) => people.register(name)));
  for (const person of others) await ann.api.addMember(project, person, "editor");
  const [ben, cid, dan] = others as [Person, Person, Person];
  const { id } = await ann.api.createTask(project, { title: "One" });
  await ann.api.assign(id, ben.user);
  const board = await ann.open(project);
  const of = async (person: Person) => (await hues(ann.page, person.user.name)).at(-1);
  const before = [await of(ann), await of(ben), await of(cid), await of(dan)];
  expect(new Set(before).size).toBe(4);
  await ann.api.removeMember(project, ben.user);
  await expect(board.card("One").getByLabel("Ben Book (former member)")).toBeVisible();
  expect([await of(ann), await of(ben), await of(cid), await of(dan)]).toEqual(before);
  await ann.page.reload();
  await board.live();
  expect([await of(ann), await of(ben), await of(cid), await of(dan)]).toEqual(before);
  for (const path of [`/projects/${project.id}/settings`, `/oversight/workload?project=${project.id}`]) {
    await ann.page.goto(path);
    await hydrated(ann.page);
    await expect(async () => expect([await of(cid), await of(dan)], path).toEqual(before.slice(2))).toPass();
  }
  // The colour that is free is the next one's; and who comes back gets theirs, or another that is free.
  const eve = await people.register("Eve Eook");
  await ann.api.addMember(project, eve, "editor");
  await ann.open(project);
  const now = [await of(ann), await of(eve), await of(cid), await of(dan)];
  expect(now).toEqual(before);
});

test("without a connection it says that descriptions are not searched, and searches them once there is one", async ({ people }) => {
  const { ann, board } = await searched(people);
  ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
  const note = ann.page.getByTestId("not-searched");
  await ann.context.setOffline(true);
  await expect(board.connection).toHaveAttribute("data-state", "offline");
  await expect(note, "nothing is searched").toHaveCount(0);
  await type(ann.page, "lamp");
  await expect(note).toHaveText("You're offline: the filter searches titles and people, not descriptions.");
  await shown(board, "To do", ["Buy a lamp", "Shelf"]);
  await ann.context.setOffline(false);
  await board.live();
  await shown(board, "To do", ["Buy a lamp", "Curtains", "Shelf"]);
  await expect(note).toHaveCount(0);
  // What was found before the break is still known.
  await ann.context.setOffline(true);
  await expect(board.connection).toHaveAttribute("data-state", "offline");
  await shown(board, "To do", ["Buy a lamp", "Curtains", "Shelf"]);
  await expect(note).toHaveCount(0);
});

test("who is here is marked on their face, and the bar says more than a colour", async ({ people }) => {
  const { ann, bob } = await pair(people, []);
  await expect(ann.page.getByRole("button", { name: "Bob, here now" })).toBeVisible();
  await expect(ann.page.getByRole("button", { name: "Ann (you), here now" })).toBeVisible();
  await bob.page.close();
  await expect(ann.page.getByRole("button", { name: "Bob", exact: true })).toBeVisible();
});
