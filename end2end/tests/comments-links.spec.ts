// Links to one comment, line breaks, and what is wider than the panel.

import { expect, hydrated, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

test("a link to a comment loads it, however old, and shows it", async ({ people }) => {
  test.setTimeout(120_000);
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
  const ids: string[] = [];
  for (let n = 1; n <= 130; n += 1) ids.push((await ann.api.comment(id, `Number ${n}.`)).id);
  const board = await ann.open(project);
  const panel = await board.openTask("One");
  await expect(panel.comments).toHaveCount(50);
  const old = ids[29] ?? "";

  for (const link of [`?task=${id}&comment=${old}`, `?task=${id}#comment-${old}`]) {
    await ann.page.goto(`/projects/${project.id}${link}`);
    await hydrated(ann.page);
    const named = panel.comments.filter({ hasText: "Number 30." });
    await expect(named).toBeInViewport();
    await expect(named).toBeFocused();
    await expect(named).toHaveAttribute("data-named", "");
    // 25 before it, 25 after it, and the newest 50.
    await expect(panel.comments).toHaveCount(100);
  }
  const gap = panel.panel.getByTestId("comments-gap");
  await gap.getByRole("button", { name: "Show more comments" }).click();
  await expect(panel.comments).toHaveCount(125);
  await gap.getByRole("button", { name: "Show more comments" }).click();
  await expect(gap).toHaveCount(0);
  await panel.panel.getByRole("button", { name: "Show earlier comments" }).click();
  await expect(panel.comments).toHaveCount(130);
  await expect(panel.comments.first()).toContainText("Number 1.");
});

test("a comment's time is its link, and one that was deleted says so", async ({ people }) => {
  const ann = await people.register("Ann");
  ann.expects(REFUSED_REQUEST);
  const project = await projectWith(ann, ["One"]);
  const panel = await (await ann.open(project)).openTask("One");
  await panel.comment("Here");
  await expect(panel.comments).toHaveText([/Here/]);
  await panel.comments.getByRole("link", { name: "just now" }).click();
  await expect(ann.page).toHaveURL(/&comment=/);
  await expect(panel.comments).toBeFocused();
  const link = ann.page.url();
  await panel.comments.hover();
  await panel.comments.getByRole("button", { name: "Delete comment" }).click();
  const confirm = ann.page.getByRole("dialog", { name: "Delete this comment?" });
  if (await confirm.isVisible()) await confirm.getByRole("button", { name: "Delete" }).click();
  await expect(panel.comments).toHaveCount(0);
  await ann.page.goto("/");
  await ann.page.goto(link);
  await hydrated(ann.page);
  await expect(panel.panel.getByTestId("comment-gone")).toHaveText("The comment you followed a link to was deleted.");
});

test("one line break is one, and long lines and wide tables scroll inside themselves", async ({ people }) => {
  const ann = await people.register("Ann");
  const project = await projectWith(ann, ["One"]);
  const panel = await (await ann.open(project)).openTask("One");
  await panel.composer.pressSequentially("one");
  await panel.composer.press("Enter");
  await panel.composer.pressSequentially("two");
  await panel.composer.press("Control+Enter");
  await expect(panel.comments.locator(".prose br")).toHaveCount(1);
  expect(await panel.comments.locator(".prose p").evaluate((p) => (p as HTMLElement).innerText)).toBe("one\ntwo");

  const cells = (text: string) => `|${Array.from({ length: 12 }, () => text).join("|")}|`;
  const wide = `\`\`\`\n${"x".repeat(300)}\n\`\`\`\n\n${cells("heading")}\n${cells("---")}\n${cells("some_long_word")}`;
  await panel.comment(wide);
  await expect(panel.comments).toHaveCount(2);
  const width = (await panel.panel.boundingBox())?.width ?? 0;
  for (const block of [panel.comments.last().locator("pre"), panel.comments.last().locator("table")]) {
    expect((await block.boundingBox())?.width).toBeLessThan(width);
    expect(await block.evaluate((element) => element.scrollWidth > element.clientWidth + 50)).toBe(true);
    await block.focus();
    await expect(block, "by keys, too").toBeFocused();
  }
  expect(await panel.panel.evaluate((panel) => panel.scrollWidth <= panel.clientWidth)).toBe(true);
});
