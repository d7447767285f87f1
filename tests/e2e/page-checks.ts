/** What every page must hold, whatever it shows. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "playwright-core";

/** What axe finds wrong by WCAG A and AA. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"])
    .analyze();
  return found.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" ")}`);
}

/** The page says at once what breaks in it. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return errors;
}

/** By how many px the page is wider than the window; 0 where nothing has to be scrolled sideways. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

/** The texts that do not have the room they need where they stand. */
export function cutShort(texts: Locator): Promise<string[]> {
  return texts.evaluateAll((elements) =>
    elements.flatMap((element) => {
      const isCut = element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight;
      return isCut && element.clientWidth > 1 ? [element.textContent.trim()] : [];
    }),
  );
}
