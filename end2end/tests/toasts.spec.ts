// Messages at the foot of the page: whole, in nobody's way, and there for as long as somebody needs them.

import type { Page, Route } from "@playwright/test";
import type { BoardPage } from "../harness/board.ts";
import { expect, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

const REASONS = {
  "in English": "The workspace has reached the number of cards that its plan includes, so nothing was moved. ".repeat(3).trim(),
  "in one word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3),
  "in Chinese": "这个项目的卡片数量已经达到上限，请先归档一些已完成的卡片，然后再试一次。".repeat(4),
  "in Arabic": "لقد وصل هذا المشروع إلى الحد الأقصى لعدد البطاقات، يرجى أرشفة بعض البطاقات ثم المحاولة مرة أخرى. ".repeat(3).trim(),
};

function refuse(message: string): (route: Route) => Promise<void> {
  return (route) => route.fulfill({ status: 409, json: { error: { code: "too_many_cards", message, field: null } } });
}

/** Nothing of a toast is cut, and none leaves the screen. */
async function whole(page: Page): Promise<void> {
  const cut = await page.getByTestId("toast").evaluateAll((toasts) =>
    toasts
      .flatMap((toast) => [toast, ...toast.querySelectorAll(".toast-text")])
      .filter((part) => {
        const { left, right, top, bottom } = part.getBoundingClientRect();
        const inside = left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
        return part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1 || !inside;
      })
      .map((part) => part.outerHTML.slice(0, 160)),
  );
  expect(cut).toEqual([]);
}

/** A press in the middle of each "Add card" that can be seen meets that button. */
async function uncovered(board: BoardPage): Promise<void> {
  await expect
    .poll(() =>
      board.page.getByTestId("add-task").evaluateAll((buttons) =>
        buttons
          .filter((button) => {
            const { left, top, width, height } = button.getBoundingClientRect();
            const [x, y] = [left + Math.min(width, innerWidth - left) / 2, top + height / 2];
            if (x < 0 || x > innerWidth || left > innerWidth) return false;
            return document.elementFromPoint(x, y)?.closest("button") !== button;
          })
          .map((button) => JSON.stringify(button.getBoundingClientRect())),
      ),
    )
    .toEqual([]);
}

for (const [name, viewport] of Object.entries({
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
  "narrow screen": { width: 320, height: 640 },
})) {
  test(`on a ${name} a reason is whole, and covers no button`, async ({ people }, info) => {
    const ann = await people.register("Ann", { viewport });
    ann.expects(REFUSED_REQUEST);
    const titles = Array.from({ length: 25 }, (_, index) => `Card ${String(index + 1).padStart(2, "0")}`);
    const project = await projectWith(ann, [...titles, "مهمة عاجلة"]);
    const board = await ann.open(project);
    for (const [which, reason] of Object.entries(REASONS)) {
      await ann.page.unrouteAll();
      await ann.page.route("**/api/tasks/*/status", refuse(reason));
      await board.moveByMenu(which === "in Arabic" ? "مهمة عاجلة" : "Card 05", "Done");
      await expect(board.toasts.filter({ hasText: reason })).toHaveCount(1);
      await whole(ann.page);
      await uncovered(board);
      await ann.page.screenshot({ path: info.outputPath(`${name} ${which}.png`) });
      await board.page.getByRole("button", { name: "Dismiss" }).click();
      await expect(board.toasts).toHaveCount(0);
    }
  });
}

test("several toasts stand above each other, the newest at the foot, and cover no button", async ({ people }, info) => {
  const ann = await people.register("Ann", { viewport: { width: 390, height: 844 } });
  const titles = Array.from({ length: 25 }, (_, index) => `Card number ${index + 1}`);
  const board = await ann.open(await projectWith(ann, titles));
  for (const number of [21, 22, 23, 24]) await board.remove(`Card number ${number}`);
  await expect(board.toasts, "a wall of them would be in the way").toHaveCount(3);
  await expect(board.toasts).toContainText(["number 24", "number 23", "number 22"]);
  const tops = await board.toasts.evaluateAll((toasts) => toasts.map((toast) => toast.getBoundingClientRect().top));
  expect(tops).toEqual([...tops].sort((a, b) => b - a));
  await whole(ann.page);
  await uncovered(board);
  await ann.page.screenshot({ path: info.outputPath("stack.png") });
});

test("toasts wait while the pointer is on one or the focus in one, and are announced politely", async ({ people }) => {
  const ann = await people.register("Ann");
  // Four times as quick, by the browser's own timers: a clock of the test's has ids that are too long for the module, which
  // could end none of its timers.
  await ann.page.addInitScript(() => {
    const set = globalThis.setTimeout.bind(globalThis);
    globalThis.setTimeout = ((run: TimerHandler, after = 0, ...rest: unknown[]) =>
      set(run, after >= 3_000 ? after / 4 : after, ...rest)) as typeof setTimeout;
  });
  const pass = (ms: number) => ann.page.evaluate((ms) => new Promise<void>((done) => setTimeout(done, ms)), ms);
  const board = await ann.open(await projectWith(ann, ["One", "Two", "Three"]));
  const region = ann.page.getByRole("region", { name: "Messages" });
  await expect(region, "there before anything is said").toHaveAttribute("aria-live", "polite");
  await board.remove("One");
  await board.remove("Two");
  await expect(board.toasts).toHaveCount(2);
  await expect(region.getByRole("alert")).toHaveCount(0);

  await board.toasts.first().hover();
  await pass(30_000);
  await expect(board.toasts, "all of them wait").toHaveCount(2);
  await ann.page.mouse.move(5, 5);
  await board.toasts.first().getByRole("button", { name: "Undo" }).focus();
  await pass(30_000);
  await expect(board.toasts).toHaveCount(2);

  // The focus does not fall to the body when the toast goes that has it.
  await board.card("Three").focus();
  await board.toasts.first().getByRole("button", { name: "Dismiss" }).focus();
  await ann.page.keyboard.press("Enter");
  await expect(board.toasts).toHaveCount(1);
  await expect(board.toasts.getByRole("button", { name: "Undo" })).toBeFocused();
  await board.toasts.getByRole("button", { name: "Dismiss" }).focus();
  await ann.page.keyboard.press("Enter");
  await expect(board.toasts).toHaveCount(0);
  await expect(board.card("Three")).toBeFocused();

  await board.remove("Three");
  await expect(board.toasts).toHaveCount(1);
  await ann.page.mouse.move(5, 5);
  await expect(board.toasts, "and go when nobody needs them").toHaveCount(0);
});
