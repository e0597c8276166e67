// What a phone has instead of a mouse's things: few signs, sheets from below, columns that one can stop at.

import { expect, hydrated, projectWith, test } from "../harness/test.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

test("a board's header has four signs, the rest is in one menu, and menus are sheets from below", async ({ people }) => {
  const ann = await people.register("Ann", phone);
  const project = await projectWith(ann, ["One"]);
  const board = await ann.open(project);
  const { page } = ann;
  const signs = page.getByRole("banner").locator("a, button").filter({ visible: true });
  await expect(signs.filter({ hasNotText: /^Skip/ })).toHaveCount(4);
  await page.getByRole("button", { name: "Account of Ann" }).tap();
  await expect(page.getByRole("link", { name: "Project settings" })).toHaveAttribute("href", `/projects/${project.id}/settings`);
  await expect(page.getByRole("link", { name: "Oversight" })).toHaveAttribute("href", `/oversight/workload?project=${project.id}`);
  const below = async (selector: string) => {
    // It comes gliding.
    await expect.poll(async () => {
      const box = await page.locator(selector).boundingBox();
      return box === null ? undefined : [box.x, box.width, Math.round(box.y + box.height)];
    }, selector).toEqual([0, 390, 844]);
  };
  await below("#account-menu");
  await page.keyboard.press("Escape");
  await board.actions("One");
  await below(".card-menu");
  await expect(page.locator(".card-menu-keys").first(), "there are no such keys").toBeHidden();
  await page.getByRole("menuitem", { name: "Move to…" }).tap();
  await below(".move-dialog");
});

test("no field makes the page zoom", async ({ people }) => {
  const ann = await people.register("Ann", phone);
  const project = await projectWith(ann, ["One"]);
  const { page } = ann;
  for (const path of ["/account", `/projects/${project.id}/settings`, `/projects/${project.id}`, "/oversight/report"]) {
    await page.goto(path);
    await hydrated(page);
    if (path === `/projects/${project.id}`) {
      await page.getByTestId("task-card").first().tap();
      await expect(page.getByRole("dialog")).toBeVisible();
    }
    const small = await page.locator("input:visible:not([type=radio], [type=checkbox]), textarea:visible, select:visible").evaluateAll((fields) =>
      fields.filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16).map((field) => field.outerHTML.slice(0, 100)),
    );
    expect(small, path).toEqual([]);
  }
});

test("a card at the edge brings one column after the other, and can be dropped on each", async ({ people }) => {
  const ann = await people.register("Ann", phone);
  const project = await projectWith(ann, ["One", "Two"]);
  const board = await ann.open(project);
  const { page } = ann;
  const cdp = await page.context().newCDPSession(page);
  const at = async (type: "touchStart" | "touchMove" | "touchEnd", x?: number, y?: number) =>
    cdp.send("Input.dispatchTouchEvent", { type, touchPoints: x === undefined || y === undefined ? [] : [{ x, y, id: 1 }] });
  const box = await board.card("One").boundingBox();
  const [x, y] = [(box?.x ?? 0) + 60, (box?.y ?? 0) + 15];
  await at("touchStart", x, y);
  await expect(board.announcement).toContainText("Picked up One");
  for (const part of [0.3, 0.6, 1]) await at("touchMove", x + (384 - x) * part, y);
  const off = async () => {
    const column = await board.column("In progress").boundingBox();
    const by = Math.round((column?.x ?? 0) + (column?.width ?? 0) / 2 - 195);
    // Offsets are whole pixels.
    return Math.abs(by) <= 1 ? 0 : by;
  };
  // The next column comes to the middle, and stays while the finger goes back from the edge.
  const before = await off();
  await expect.poll(off).not.toBe(before);
  for (const to of [340, 280, 200]) await at("touchMove", to, y);
  await expect.poll(off).toBe(0);
  await at("touchMove", 195, y);
  expect(await off()).toBe(0);
  await at("touchEnd");
  await board.shows("In progress", ["One"]);
  await board.settled();
  expect(await ann.api.column(project, "In progress")).toEqual(["One"]);
  await cdp.detach();
});

test("forced colours show what is chosen, where the focus is, and where a column ends", async ({ people }) => {
  const ann = await people.register("Ann", { forcedColors: "active" });
  const project = await projectWith(ann, ["One"]);
  const { page } = ann;
  const color = (selector: string, property: string) =>
    page.locator(selector).first().evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), property);
  await page.goto("/oversight/workload");
  await hydrated(page);
  expect(await color(".tab[aria-current]", "border-bottom-color")).not.toBe(await color(".tab:not([aria-current])", "border-bottom-color"));
  await page.goto("/oversight/heatmap");
  await hydrated(page);
  expect(await color(".segment:has(:checked)", "background-color")).not.toBe(await color(".segment:not(:has(:checked))", "background-color"));
  await page.goto("/account");
  await hydrated(page);
  expect(await color(".switch:checked", "background-color")).not.toBe(await color(".switch:not(:checked)", "background-color"));
  const board = await ann.open(project);
  expect(await color(".column", "border-left-style")).toBe("solid");
  expect(await color(".column", "border-left-width")).toBe("1px");
  await board.card("One").focus();
  await page.keyboard.press("Home");
  expect(await color(".card:focus-visible", "outline-style")).toBe("solid");
});
