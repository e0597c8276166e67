// Moves of other people, as fast as a busy team or a bulk change.

import { expect } from "@playwright/test";
import type { Project, Task } from "../harness/api.ts";
import type { Person } from "../harness/test.ts";
import { cookieOf, send, type Answer } from "./requests.ts";

/** How many moves a second, and for how long. */
export interface Pace {
  rate: number;
  seconds: number;
}

/**
 * Moves tasks of the first column from column to column when they are due, whatever became of those before. Returns when
 * all are answered.
 */
export async function moves(base: string, person: Person, project: Project, tasks: Task[], { rate, seconds }: Pace): Promise<void> {
  const cookie = await cookieOf(person);
  const { statuses } = await person.api.board(project);
  const answers: Promise<Answer>[] = [];
  const started = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) / 1000) * rate));
      while (answers.length < due) {
        const task = tasks[answers.length % tasks.length] as Task;
        const status = statuses[Math.floor(answers.length / tasks.length + 1) % statuses.length];
        answers.push(send(new URL(`/api/tasks/${task.id}/status`, base), cookie, { method: "PATCH", json: { status_id: status?.id } }));
      }
      if (answers.length === rate * seconds) {
        clearInterval(timer);
        resolve();
      }
    }, 4);
  });
  expect((await Promise.all(answers)).filter(({ status }) => status !== 200)).toEqual([]);
}
