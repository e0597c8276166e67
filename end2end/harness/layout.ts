// Whether a page holds together: nothing beside the screen, nothing on top of something else, nothing too small to hit.

import type { Page } from "@playwright/test";

interface Wanted {
  /** The least height and width of what is pressed, in CSS pixels. */
  target: number;
}

/** What does not fit, each with where it is. Empty: all does. */
export async function faults(page: Page, { target }: Wanted): Promise<string[]> {
  // Where something is on its way, it has not arrived.
  await page.evaluate(() =>
    Promise.all(
      document.getAnimations().map((animation) => {
        if (animation.effect?.getComputedTiming().endTime !== Infinity) return animation.finished.catch(() => {});
        return undefined;
      }),
    ),
  );
  return page.evaluate((target) => {
    const found: string[] = [];
    const wide = document.documentElement.clientWidth;
    const name = (element: Element) =>
      `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} "${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}"`;
    const box = (element: Element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return `${Math.round(left)},${Math.round(top)} ${Math.round(width)}×${Math.round(height)}`;
    };
    const shown = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.getBoundingClientRect().width > 1 &&
      getComputedStyle(element).clipPath !== "inset(50%)" &&
      element.closest(".visually-hidden, [inert], [aria-hidden=true]") === null;
    // Of what scrolls sideways, a part is beside the screen until one scrolls.
    const scrolled = (element: Element): Element | null => {
      for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement) {
        const { overflowX } = getComputedStyle(at);
        if (overflowX === "auto" || overflowX === "scroll") return at;
      }
      return null;
    };
    // What floats covers what is below it, and is meant to.
    const layer = (element: Element) => element.closest("[popover]:popover-open, dialog[open], .toasts") ?? document.body;
    const top = [...document.querySelectorAll("[popover]:popover-open, dialog[open]")].at(-1) ?? document.body;

    if (document.documentElement.scrollWidth > wide) found.push(`the page is ${document.documentElement.scrollWidth} wide`);

    for (const element of document.querySelectorAll("body *")) {
      if (!shown(element) || element.closest("svg, [data-drag-layer]") !== null) continue;
      const rect = element.getBoundingClientRect();
      if ((rect.right > wide + 1 || rect.left < -1) && scrolled(element) === null) found.push(`beside the screen: ${name(element)} ${box(element)}`);
      const style = getComputedStyle(element);
      const clips = style.overflowX === "hidden" || style.overflowX === "clip";
      const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? "").trim() !== "");
      if (clips && hasText && element.scrollWidth > element.clientWidth + 1 && style.textOverflow !== "ellipsis") {
        found.push(`cut: ${name(element)} ${element.scrollWidth} in ${element.clientWidth}`);
      }
      if (hasText && (style.overflowY === "hidden" || style.overflowY === "clip") && element.scrollHeight > element.clientHeight + 2 && style.webkitLineClamp === "none") {
        found.push(`cut below: ${name(element)} ${element.scrollHeight} in ${element.clientHeight}`);
      }
    }

    // In a bar nothing is told by what lies on it.
    const texts = [...document.querySelectorAll(".header *")].filter(
      (element) =>
        shown(element) &&
        element.closest("[popover], .visually-hidden") === null &&
        [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? "").trim() !== ""),
    );
    for (const [index, one] of texts.entries()) {
      const mine = one.getBoundingClientRect();
      for (const other of texts.slice(index + 1)) {
        if (one.contains(other) || other.contains(one)) continue;
        const theirs = other.getBoundingClientRect();
        const across = Math.min(mine.right, theirs.right) - Math.max(mine.left, theirs.left);
        const down = Math.min(mine.bottom, theirs.bottom) - Math.max(mine.top, theirs.top);
        if (across > 1 && down > 1) found.push(`text on text: ${name(one)} ${box(one)} and ${name(other)} ${box(other)}`);
      }
    }

    for (const field of document.querySelectorAll(".date-field input, .input-number")) {
      if (shown(field) && field.scrollWidth > field.clientWidth + 1) found.push(`cut: ${name(field)} ${field.scrollWidth} in ${field.clientWidth}`);
    }

    const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [role=slider], label.segment")].filter(
      (element) => shown(element) && layer(element) === top && !(element instanceof HTMLInputElement && ["radio", "checkbox", "hidden"].includes(element.type)),
    );
    // What of it is in sight: what is scrolled out of its scroller is nowhere.
    const seen = (element: Element) => {
      let { left, top, right, bottom } = element.getBoundingClientRect();
      for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        const frame = at.getBoundingClientRect();
        if (overflowX !== "visible") [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
        if (overflowY !== "visible") [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
      }
      return { left, top, right, bottom };
    };
    for (const [index, one] of controls.entries()) {
      const a = one.getBoundingClientRect();
      // Links in running text are as high as it is.
      const inText = one.matches("a") && getComputedStyle(one).display === "inline";
      if (!inText && (a.width < target - 0.5 || a.height < target - 0.5)) found.push(`small: ${name(one)} ${box(one)}`);
      const mine = seen(one);
      for (const other of controls.slice(index + 1)) {
        if (one.contains(other) || other.contains(one) ) continue;
        // A button in the corner of its card or in its field is meant to be there.
        if (one.closest(".slot, .password, .date-field, .filter-text")?.contains(other) === true) continue;
        const theirs = seen(other);
        const across = Math.min(mine.right, theirs.right) - Math.max(mine.left, theirs.left);
        const down = Math.min(mine.bottom, theirs.bottom) - Math.max(mine.top, theirs.top);
        if (across > 2 && down > 2) found.push(`overlap: ${name(one)} ${box(one)} and ${name(other)} ${box(other)}`);
      }
    }
    return found;
  }, target);
}
