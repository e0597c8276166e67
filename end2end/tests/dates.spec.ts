// Dates are those of the reader, from the first paint on.

import { randomUUID } from "node:crypto";
import { expect, projectWith, test } from "../harness/test.ts";

/** The date in a time zone, some days from today. */
function date(zone: string, days = 0): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" });
  return parts.format(new Date(Date.now() + days * 86_400_000));
}

for (const zone of ["Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
  test(`the first paint and the hydrated page agree on today in ${zone}`, async ({ people }) => {
    const ann = await people.register("Ann", { timezoneId: zone });
    const project = await projectWith(ann, []);
    const preferences = await ann.api.preferences();
    const headers = { "Idempotency-Key": randomUUID() };
    const data = { ...preferences, time_zone: zone };
    await ann.context.request.put("/api/notifications/preferences", { data, headers });
    for (const [title, days] of [["Late", -1], ["Now", 0], ["Next", 1]] as const) {
      const { id } = await ann.api.createTask(project, { title });
      await ann.api.updateTask(id, { due_at: date(zone, days) });
    }
    const reader = await people.elsewhere(ann, { javaScriptEnabled: false, timezoneId: zone });
    await reader.page.goto(`/projects/${project.id}`);
    await ann.open(project);
    for (const { page } of [reader, ann]) {
      const due = page.locator(".card-due");
      await expect(due).toHaveText([/Overdue: Yesterday$/, /Due Today$/, /Due Tomorrow$/]);
      await expect(due).toHaveClass([/card-due-late/, /card-due-near/, /card-due-near/]);
    }
  });
}

test("a date that is written with an offset is that date, for everybody", async ({ people }) => {
  const ann = await people.register("Ann", { timezoneId: "Pacific/Honolulu" });
  const project = await projectWith(ann, ["One"]);
  const [{ id = "" } = {}] = (await ann.api.board(project)).tasks;
  await ann.api.updateTask(id, { due_at: "2031-12-01T00:00:00+13:00" });
  await ann.page.goto(`/projects/${project.id}?task=${id}`);
  await expect(ann.page.getByLabel("Due", { exact: true })).toHaveValue("1 Dec 2031");
});
