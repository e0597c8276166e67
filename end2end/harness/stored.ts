// What a browser has stored: the ops that wait, in IndexedDB.

import type { Page } from "@playwright/test";

/** How many pages have ops in the browser's store. */
export async function stored(page: Page): Promise<number> {
  return (await queues(page)).length;
}

/** What each of them has there. */
export function queues(page: Page): Promise<string[]> {
  return page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const opening = indexedDB.open("lockstep");
        opening.onerror = reject;
        opening.onsuccess = () => {
          const range = IDBKeyRange.bound("queue/", "queue/\uffff");
          const texts = opening.result.transaction("kept").objectStore("kept").getAll(range);
          texts.onerror = reject;
          texts.onsuccess = () => {
            opening.result.close();
            resolve(texts.result as string[]);
          };
        };
      }),
  );
}

/** How many queues are noted and not in the store yet. */
export function noted(page: Page): Promise<number> {
  return page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("journal:")).length);
}
