/**
 * A bad quarter of an hour of a shop, heard by a real server's subscriptions that each want something else: every delivery and every
 * silence of theirs is in the ledgers, with the reason that a small model beside them gives (ledger-model.ts).
 */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Delivery } from "../../domain/delivery.ts";
import type { Page } from "../../domain/resource.ts";
import type { Silence } from "../../domain/silencing.ts";
import type { SubscriptionItem } from "../../domain/subscription.ts";
import { openBrowser } from "./browser.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { IncidentWatch } from "./incident-watch.ts";
import { LedgerModel, type ModelWish, OUTCOMES } from "./ledger-model.ts";
import { violations, watchErrors } from "./page-checks.ts";
import { passHour } from "./passed-hour.ts";
import { ServiceLives } from "./service-lives.ts";
import { signIn } from "./signed-in.ts";
import { WEBHOOK_SECRET, WebhookReceiver } from "./webhook-receiver.ts";

const SERVICES = ["archive", "batch", "cache", "mail", "payments", "search"];
const LEARNED_S = 1_200;
/** Of event time, from where the others' incidents begin: all of it is less than ten minutes back. */
const LIVE_S = 450;
const PATIENT = { timeout: 30_000, interval: 100 };

const WISHES: readonly ModelWish[] = [
  wish("everything", { changes: ["opened", "escalated", "narrated", "resolved"] }),
  wish("the worst", { min_severity: "critical" }),
  wish("beginnings", { services: ["payments", "search"], changes: ["opened"] }),
  wish("two an hour", { services: ["cache", "payments", "search"], changes: ["opened", "resolved"], max_per_hour: 2 }),
  wish("gone at first", { services: ["mail", "search"] }),
  wish("switched off", { services: ["search"] }),
];

function wish(name: string, changes: Partial<ModelWish> = {}): ModelWish {
  const defaults = { services: ["*"], min_severity: "medium", changes: ["opened", "escalated", "resolved"] } as const;
  return { name, max_per_hour: 1_000, ...defaults, ...changes };
}

let browser: Browser | undefined;
const receiver = new WebhookReceiver();
const server = new FaultlineServer({
  SUBSCRIPTION_KEY: "e2e-subscription-key-0000000000000000",
  ALLOWED_TARGETS: "127.0.0.1",
});
const watch = new IncidentWatch();
const models = WISHES.map((each) => new LedgerModel(each));
const items = new Map<string, SubscriptionItem>();
const silences = new Map<string, Silence>();
const silenced = new Set<string>();
const disabled = new Set(["gone at first", "switched off"]);

beforeAll(async () => {
  await receiver.start();
  await server.start();
  browser = await openBrowser();
});

afterAll(async () => {
  watch.close();
  await browser?.close();
  await server.stop();
  await receiver.stop();
});

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const headers = { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}`, "Content-Type": "application/json" };
  const response = await fetch(`${server.url}/v1${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === "" ? null : JSON.parse(text)) as T;
}

function isFor({ services }: ModelWish, service: string): boolean {
  return services.includes("*") || services.includes(service);
}

function pathOf(name: string): string {
  return `/${name.replaceAll(" ", "-")}`;
}

/** What held back what these services' incidents had to tell holds no longer. */
function lookAgain(...services: readonly string[]): void {
  for (const model of models)
    model.lookAgain(
      services.filter((one) => isFor(model.wish, one)),
      { silenced, disabled },
    );
}

function incidentOf(service: string): string {
  const found = watch.events.find(([of, event]) => of === service && event.type === "incident");
  if (found === undefined || found[1].type !== "incident") throw new Error(`${service} has no incident`);
  return found[1].incident.id;
}

async function ledgerOf(service: string): Promise<readonly Delivery[]> {
  const path = `/v1/incidents/${encodeURIComponent(incidentOf(service))}/deliveries?limit=1000`;
  return (await server.get<Page<Delivery>>(path)).items;
}

/** Of one subscription, as `INCIDENT:SEQ change outcome`. */
function saidOf(lines: readonly Delivery[], { id, name }: SubscriptionItem): string[] {
  return lines
    .filter(({ subscription_id }) => subscription_id === id)
    .map(({ id: line, change, status, reason }) =>
      [line.slice(id.length + 1), change, outcomeFor(name, change, reason ?? status)].join(" "),
    )
    .toSorted();
}

function modelled({ lines, wish: { name } }: LedgerModel, service: string): string[] {
  return [...lines]
    .filter(([line]) => line.startsWith(`${incidentOf(service)}:`))
    .map(([line, { change, outcome }]) => [line, change, outcomeFor(name, change, outcome)].join(" "))
    .toSorted();
}

/** Words that nobody wants may come before a target says that it is gone, or afterwards. */
function outcomeFor(name: string, change: string, outcome: string): string {
  const isEither = name === "gone at first" && change === "narrated" && ["change", "disabled"].includes(outcome);
  return isEither ? "change or disabled" : outcome;
}

function differences(ledger: readonly string[], model: readonly string[]) {
  const only_model = model.filter((line) => !ledger.includes(line));
  return { only_model, only_ledger: ledger.filter((line) => !model.includes(line)) };
}

/** Until what the services told is in all ledgers as the models have it, and `change` of this service is among it. */
async function settled(service: string, change: string): Promise<void> {
  await expect.poll(() => changesOf(service), { ...PATIENT, message: service }).toContain(change);
  for (const each of SERVICES.filter((one) => watch.events.some(([of]) => of === one)))
    for (const model of models.filter((one) => isFor(one.wish, each))) {
      const message = `${each} in the ledger of ${model.wish.name}`;
      // Both grow meanwhile.
      const compare = async () =>
        differences(saidOf(await ledgerOf(each), items.get(model.wish.name)!), modelled(model, each));
      await expect.poll(compare, { ...PATIENT, message }).toEqual({ only_model: [], only_ledger: [] });
    }
}

/** What happened to its incident so far, in the words of who hears everything. */
function changesOf(service: string): string[] {
  return modelled(models[0]!, service).map((line) => line.split(" ")[1]!);
}

/** Subscriptions, and silences for what is worked on. */
async function prepare(): Promise<void> {
  receiver.answers.set(pathOf("gone at first"), (response) => void response.writeHead(410).end());
  for (const { name, ...rest } of WISHES) {
    const target = { type: "webhook", url: receiver.url(pathOf(name)), secrets: [WEBHOOK_SECRET] };
    const group_wait_s = name === "beginnings" ? 5 : 0;
    const enabled = name !== "switched off";
    items.set(name, await ask("POST", "/subscriptions", { name, ...rest, group_wait_s, enabled, target }));
  }
  for (const service of ["batch", "mail"]) {
    const about = { services: [service], ends_at: new Date(Date.now() + 3_600_000).toISOString() };
    silences.set(service, await ask("POST", "/silences", { ...about, comment: `${service} is worked on` }));
    silenced.add(service);
  }
}

/** Long ago the archive failed, while nobody delivered events: it is caught up on. */
async function pastOf(lives: ServiceLives): Promise<void> {
  await lives.live(600);
  lives.fail("archive", 0.9);
  await lives.live(60);
  lives.heal("archive");
  await lives.live(LEARNED_S - 660);
  await watch.open(server, SERVICES, (service, event) => {
    for (const model of models) if (isFor(model.wish, service)) model.hear(event, { silenced, disabled });
  });
  await settled("archive", "resolved");
}

/** The cache comes and goes. */
async function cacheOf(lives: ServiceLives): Promise<void> {
  for (const change of ["opened", "reopened", "flapping"]) {
    lives.fail("cache", 0.9);
    await lives.live(20);
    await settled("cache", change);
    lives.heal("cache");
    if (change !== "flapping") await lives.live(60);
  }
}

describe("a bad quarter of an hour, heard by six subscriptions", () => {
  test(
    "each change has its line in each ledger that it concerns, with the model's outcome",
    { timeout: 180_000 },
    async () => {
      await prepare();
      const lives = new ServiceLives(server, SERVICES, 20, Date.now() - (LEARNED_S + LIVE_S) * 1_000);
      await pastOf(lives);
      await cacheOf(lives);

      // Two fail at once, and the target of one that hears of it wants no more.
      lives.slow("payments", 2.5);
      lives.fail("search", 0.9);
      await lives.live(30);
      for (const service of ["payments", "search"]) await settled(service, "opened");

      // Two more fail that are worked on.
      for (const service of ["mail", "batch"]) lives.fail(service, 0.9);
      await lives.live(30);
      for (const service of ["mail", "batch"]) await settled(service, "opened");

      // Whoever was gone is back, at another address: what is open still is told, but what is worked on.
      disabled.delete("gone at first");
      const { id } = items.get("gone at first")!;
      await ask("PUT", `/subscriptions/${id}`, { target: { url: receiver.url("/back-again") } });
      lookAgain("mail", "search");
      await settled("search", "opened");

      // Search is well. Somebody takes on payments, which grows worse; mail is not worked on any longer, and its next sign of life is told.
      await ask("POST", `/incidents/${incidentOf("payments")}/acknowledge`, { by: "ada" });
      await ask("DELETE", `/silences/${silences.get("mail")!.id}`);
      silenced.delete("mail");
      lookAgain("mail");
      lives.fail("payments", 0.9);
      lives.heal("batch", "search");
      await lives.live(60);
      await settled("payments", "escalated");
      await settled("batch", "resolved");

      lives.heal("payments", "mail");
      await lives.live(90);
      for (const service of ["payments", "search", "mail"]) await settled(service, "resolved");
      expect(receiver.breaches).toEqual([]);
    },
  );

  test("an hour later the digest tells what was too much for one", { timeout: 120_000 }, async () => {
    const { id } = items.get("two an hour")!;
    await server.kill();
    passHour(server, id);
    await server.start();
    await expect.poll(() => receiver.at(pathOf("two an hour")).at(-1)?.kind, PATIENT).toBe("digest");
    const told = receiver.at(pathOf("two an hour")).at(-1)!;
    const lines = (await Promise.all(["cache", "payments", "search"].map(ledgerOf))).flat();
    const withheld = lines.filter(({ subscription_id, reason }) => subscription_id === id && reason === "rate");
    expect(new Set(withheld.map(({ message_id }) => message_id))).toEqual(new Set([told.id]));
    const named = told.says.map((said) => said.split(" ")[0]!);
    expect(named.toSorted()).toEqual([...new Set(withheld.map(({ incident_id }) => incident_id))].toSorted());
  });

  test("what each receiver got is what the ledgers say was delivered, or told in the place of what was withheld", async () => {
    const lines = (await Promise.all(SERVICES.map(ledgerOf))).flat();
    expect(receiver.breaches).toEqual([]);
    for (const { name } of WISHES) {
      const own = lines.filter(({ subscription_id }) => subscription_id === items.get(name)!.id);
      const got = receiver.at(name === "gone at first" ? "/back-again" : pathOf(name));
      expect(new Set(got.map(({ id }) => id)).size, `${name} hears nothing twice`).toBe(got.length);
      const telling = own.filter(
        ({ status, reason }) => status === "delivered" || reason === "rate" || reason === "historical",
      );
      const ids = new Set(telling.flatMap(({ message_id }) => message_id ?? []));
      expect(new Set(got.map(({ id }) => id)), `what ${name} got`).toEqual(ids);
      for (const line of own.filter(({ status }) => status === "delivered")) {
        const message = got.find(({ id }) => id === line.message_id)!;
        expect(message.says, `${name}: ${line.id}`).toContain(`${line.incident_id} ${line.change}`);
      }
      for (const { id, says } of got)
        for (const said of says) {
          const about = own.filter((line) => line.message_id === id && said.startsWith(`${line.incident_id} `));
          expect(about, `${name}: ${said}`).not.toEqual([]);
        }
    }
  });

  test("every reason was given, each with words; a silence by its name", async () => {
    const lines = (await Promise.all(SERVICES.map(ledgerOf))).flat();
    const seen = new Set(lines.map(({ status, reason }) => reason ?? status));
    expect([...seen].toSorted()).toEqual([...OUTCOMES].toSorted());
    const wordless = lines.filter(({ detail, status }) => (detail === null) !== (status === "delivered"));
    expect(wordless).toEqual([]);
    const quiet = lines.filter(({ reason }) => reason === "silence");
    for (const { service, silence_id, detail } of quiet) {
      expect(silence_id).toBe(silences.get(service)!.id);
      expect(detail).toContain(`${service} is worked on`);
    }
    expect(lines.filter(({ silence_id }) => silence_id !== null)).toEqual(quiet);
    const together = receiver.at("/beginnings").map(({ says }) => says.toSorted());
    expect(together).toEqual([["payments", "search"].map((service) => `${incidentOf(service)} opened`)]);
    const caughtUp = receiver.received.filter(({ kind }) => kind === "caught_up");
    const archived = `${incidentOf("archive")} resolved`;
    const told = caughtUp.map(({ path, says }) => `${path} ${says.join(", ")}`);
    expect(told.toSorted()).toEqual([`/everything ${archived}`, `/the-worst ${archived}`]);
  });

  test("an incident's page leads to the silence that withheld it, and one that is over is said to be", async () => {
    const context = await browser!.newContext();
    await signIn(context, server, "viewer");
    const page = await context.newPage();
    const errors = watchErrors(page);
    const { id, comment } = silences.get("batch")!;
    await page.goto(`${server.url}/incidents/${encodeURIComponent(incidentOf("batch"))}`);
    const told = page.getByRole("region", { name: "Who was told" });
    await told.getByRole("link", { name: id }).first().click();
    await page.waitForURL(`${server.url}/silences?silence=${id}`);
    await expect.poll(() => page.locator("li[aria-current=true]").textContent()).toContain(comment);
    expect(await violations(page)).toEqual([]);
    const over = silences.get("mail")!.id;
    await page.goto(`${server.url}/silences?silence=${over}`);
    await page.getByText(`The silence ${over} is over`).waitFor();
    expect(await page.locator("li[aria-current=true]").count()).toBe(0);
    expect(errors).toEqual([]);
  });
});
