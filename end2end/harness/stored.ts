// What a browser has stored: the ops that wait, in IndexedDB.

import type { Page } from "@playwright/test";

/** How many pages have ops in the browser's store. */
export function stored(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("lockstep");
        opening.onerror = reject;
        opening.onsuccess = () => {
          const range = IDBKeyRange.bound("queue/", "queue/\uffff");
          const count = opening.result.transaction("kept").objectStore("kept").count(range);
          count.onerror = reject;
          count.onsuccess = () => {
            opening.result.close();
            resolve(count.result);
          };
        };
      }),
  );
}
