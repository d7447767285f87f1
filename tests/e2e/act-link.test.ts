/** Acting from a message, in a real browser that has no session: one click on a small page, in both colour schemes and on a phone. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LinkAct } from "../../domain/act-link.ts";
import type { Incident } from "../../domain/incident.ts";
import type { Page } from "../../domain/resource.ts";
import type { Silence } from "../../domain/silencing.ts";
import { actLinkMint } from "../../durable-objects/act-links.ts";
import { openBrowser } from "./browser.ts";
import { failCheckout, openIncident } from "./failing-checkout.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { overflow, violations, watchErrors } from "./page-checks.ts";
import { until } from "./process-group.ts";

const KEY = "e2e-subscription-key-0000000000000000";
const server = new FaultlineServer({ SUBSCRIPTION_KEY: KEY });
let browser: Browser | undefined;
let incident: Incident;

beforeAll(async () => {
  await server.start();
  browser = await openBrowser();
  incident = await failCheckout(server);
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
});

async function link(act: LinkAct): Promise<string> {
  const subject = { service: "checkout", incident_id: incident.id, subscription: "Shop" };
  return (await actLinkMint(server.url, KEY)(subject, Date.now()))![act];
}

const CLICKS = [
  { act: "acknowledge", button: "Acknowledge", scheme: "light", width: 1280, after: "Acknowledged." },
  { act: "snooze", button: "Snooze for 1 hour", scheme: "dark", width: 375, after: "Snoozed." },
  { act: "false_positive", button: "It was a false positive", scheme: "dark", width: 1280, after: "Noted as" },
] as const;

test.each(CLICKS)("a link to $act asks for one click, and that click does it", async (click) => {
  const { act, button, scheme, width, after } = click;
  const context = await browser!.newContext({ viewport: { width, height: 800 }, colorScheme: scheme });
  const page = await context.newPage();
  const errors = watchErrors(page);
  await page.goto(await link(act));
  // The newest words: the incident goes on, and history may have had those of a moment ago.
  await page
    .getByText(/% of requests failed/)
    .first()
    .waitFor();
  expect(await page.getByRole("button").count()).toBe(1);
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement?.textContent")).toBe(button);
  await page.keyboard.press("Enter");
  await page.getByText(after).waitFor();
  expect(await page.getByRole("button").count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  expect(errors).toEqual([]);
  await context.close();
});

test("and all of it has happened", async () => {
  const changed = await until("what was clicked", 30_000, async () => {
    const newest = await openIncident(server);
    return newest.acknowledged_by !== null && newest.feedback !== null ? newest : undefined;
  });
  expect(changed).toMatchObject({ acknowledged_by: "link of subscription Shop", feedback: "false_positive" });
  const { items } = await server.get<Page<Silence>>("/v1/silences");
  expect(items).toMatchObject([{ incident_id: incident.id, created_by: "link of subscription Shop" }]);
});
