// A session that is over on an open board: the way back is one click, and no notice lies under the panel.

import { inBothThemes } from "../harness/axe.ts";
import { BoardPage } from "../harness/board.ts";
import { expect, hydrated, LOST_CONNECTION, projectWith, REFUSED_REQUEST, test } from "../harness/test.ts";

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
  { width: 320, height: 640 },
]) {
  test(`signed out at ${viewport.width} px: the links lead back to this card, and the banner is in sight`, async ({ people }, info) => {
    const ann = await people.register("Ann", { viewport });
    ann.expects(LOST_CONNECTION, REFUSED_REQUEST);
    const project = await projectWith(ann, ["One"]);
    const [one] = (await ann.api.board(project)).tasks;
    await ann.page.routeWebSocket(/\/ws\//, (socket) => void setTimeout(() => void socket.close({ code: 4401, reason: "over" })));
    const here = `/projects/${project.id}?task=${one?.id}`;
    await ann.page.goto(here);
    await hydrated(ann.page);
    const board = new BoardPage(ann.page);
    const back = `/login?next=${encodeURIComponent(here).replaceAll("%2F", "/")}`;
    await expect(board.connection.getByRole("link")).toHaveAttribute("href", back);
    const banner = ann.page.getByRole("alert").filter({ hasText: "You're signed out. Sign in to continue." });
    const link = banner.getByRole("link", { name: "Sign in" });
    await expect(link).toHaveAttribute("href", back);
    const panel = ann.page.getByRole("dialog");
    await expect(panel).toBeVisible();
    const boxes = async () => ({ banner: await banner.boundingBox(), panel: await panel.boundingBox() });
    await expect
      .poll(async () => {
        const { banner, panel } = await boxes();
        return (banner?.y ?? 0) + (banner?.height ?? 0) - (panel?.y ?? 0);
      }, "the panel begins below")
      .toBeLessThanOrEqual(0.5);
    // Whatever lies there, a press meets the link.
    await link.click({ trial: true });
    expect(await inBothThemes(ann.page)).toEqual([]);
    await ann.page.screenshot({ path: info.outputPath("signed-out.png") });
    // Signed in, as the server knows: it leads on to the card.
    await link.click();
    await expect(ann.page).toHaveURL(new RegExp(`/projects/${project.id}\\?task=${one?.id}$`));
  });
}
