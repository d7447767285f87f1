/** One incident as chat rooms and pagers hear of it from a running server: in one thread, under one key, with links that act. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Delivery } from "../../domain/delivery.ts";
import type { Incident } from "../../domain/incident.ts";
import type { Page } from "../../domain/resource.ts";
import type { SendOutcome } from "../../domain/subscriber.ts";
import type { SubscriptionItem } from "../../domain/subscription.ts";
import { scheduleOf } from "../../generator/fault.ts";
import { type ServiceProfile, servicesOf } from "../../generator/services.ts";
import { eventsBetween, type StreamOptions } from "../../generator/stream.ts";
import { openIncident } from "./failing-checkout.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { ingest } from "./ingest.ts";
import { until } from "./process-group.ts";
import { RECEIVERS_HERE, subscribeTarget } from "./subscribe.ts";
import { KEYS, TargetServices, type ToldService } from "./target-services.ts";

const { PUBLIC_URL } = RECEIVERS_HERE;
const services = new TargetServices();
const server = new FaultlineServer(RECEIVERS_HERE);
const [checkout, payments] = servicesOf(2) as [ServiceProfile, ServiceProfile];

beforeAll(async () => {
  await services.start();
  await server.start();
});

afterAll(async () => {
  await server.stop();
  await services.stop();
});

const BEGAN_MS = Date.now();

/** Ten minutes of health; then one endpoint fails, from a minute later on nearly always, and all is well after another. Seconds before now. */
function eventsOf(profile: ServiceProfile, from_s: number, to_s: number) {
  const at = (before_s: number): number => BEGAN_MS - before_s * 1_000;
  const part = { kind: "errors", service: profile.service, endpoint: profile.endpoints[0]!.endpoint } as const;
  const faults = scheduleOf([
    { ...part, share: 0.3, from_ms: at(300), to_ms: at(240) },
    { ...part, share: 0.9, from_ms: at(240), to_ms: at(180) },
  ]);
  const stream: StreamOptions = { seed: 1, services: [profile], rate: 50, faults, origin_ms: at(900) };
  return [...eventsBetween(stream, at(from_s), at(to_s))];
}

const subscribe = (name: string, service: string, target: object): Promise<SubscriptionItem> =>
  subscribeTarget(server, target, { name, services: [service], group_wait_s: 0 });

/** What came below a path, once there is as much of it as is wanted. */
async function came(path: string, count: number): Promise<ToldService[]> {
  await expect.poll(() => services.at(path).length, { timeout: 20_000, message: path }).toBeGreaterThanOrEqual(count);
  return services.at(path);
}

/** The address on this server of a link by which who reads a message acts. */
function linkOf(told: ToldService, act: string): string {
  const links = JSON.stringify(told.body).match(new RegExp(`${PUBLIC_URL}/act/[\\w.-]+`, "g")) ?? [];
  const found = links.find((link) => {
    const claim = JSON.parse(Buffer.from(link.split("/act/")[1]!.split(".")[0]!, "base64url").toString()) as {
      readonly act: string;
    };
    return claim.act === act;
  });
  if (found === undefined) throw new Error(`${told.path}: no link to ${act} among ${links.length}`);
  return found.replace(PUBLIC_URL, server.url);
}

const OWN_TEMPLATE = {
  body: '{"said": "{{title}}", "of": "{{first.incident_id}}", "do": "{{first.acknowledge_url}}", "to": "{{params.room}}"}',
  headers: { "X-Kind": "{{kind}}", "X-Severity": "{{severity}}" },
};

const TARGETS: Readonly<Record<string, () => object>> = {
  "/slack/api": () => ({ type: "slack", token: KEYS.slack, channel: "C1", api_url: services.url("/slack/api") }),
  "/slack/services": () => ({ type: "slack", url: services.url("/slack/services/T0/B0/x") }),
  "/pagerduty": () => ({ type: "pagerduty", url: services.url("/pagerduty/v2/enqueue"), routing_key: KEYS.pagerduty }),
  "/opsgenie": () => ({
    type: "webhook",
    preset: "opsgenie",
    url: services.url("/opsgenie/v2/alerts"),
    headers: { Authorization: KEYS.opsgenie },
  }),
  "/teams": () => ({ type: "webhook", preset: "teams", url: services.url("/teams/workflows/1") }),
  "/telegram": () => ({
    type: "webhook",
    preset: "telegram",
    url: services.url(`/telegram/bot${KEYS.telegram}/sendMessage`),
    params: { chat_id: "-1001" },
  }),
  "/own": () => ({
    type: "webhook",
    url: services.url("/own"),
    params: { room: "7" },
    headers: { "X-Api-Key": "own-key" },
    templates: { default: OWN_TEMPLATE },
  }),
};

/** Those that know who has an incident in hand, and those to whom it would be noise. */
const PAGERS = ["/pagerduty", "/opsgenie"];
const CHATS = Object.keys(TARGETS).filter((path) => !PAGERS.includes(path));

describe("an incident that opens, grows worse, is taken in hand and is over", () => {
  let incident: Incident;

  test("is told to each of them when it opens, with links that ask for one click", async () => {
    for (const [path, target] of Object.entries(TARGETS)) await subscribe(`to ${path}`, checkout.service, target());
    await ingest(server, eventsOf(checkout, 900, 250));
    for (const path of Object.keys(TARGETS)) {
      const [first] = await came(path, 1);
      const page = await fetch(linkOf(first!, "acknowledge"));
      expect([path, await page.text()]).toEqual([path, expect.stringContaining("Acknowledge it?")]);
    }
    incident = await openIncident(server);
    expect(incident.severity).toBe("high");
    const own = services.at("/own")[0]!;
    expect(own.headers).toMatchObject({ "x-kind": "opened", "x-severity": "high", "x-api-key": "own-key" });
    expect(own.body).toMatchObject({ of: incident.id, to: "7", said: expect.stringContaining("checkout") });
    expect(own.headers["webhook-id"]).toMatch(/^msg_/);
  });

  test("is told again when it grows worse, and gets a higher priority", async () => {
    await ingest(server, eventsOf(checkout, 250, 185));
    const pages = await came("/pagerduty", 2);
    expect(pages.map(({ body }) => [body["event_action"], body["dedup_key"]])).toEqual([
      ["trigger", incident.id],
      ["trigger", incident.id],
    ]);
    expect(pages.map(({ body }) => body["payload"])).toMatchObject([{ severity: "error" }, { severity: "critical" }]);
    const [, slack] = await came("/slack/api", 2);
    expect(slack!.body).toMatchObject({ reply_broadcast: true });
    const alerts = await came("/opsgenie", 3);
    const alias = `/opsgenie/v2/alerts/${incident.id}`;
    expect(alerts.map(({ method, path, body }) => [method, path, body["alias"], body["priority"]])).toEqual([
      ["POST", "/opsgenie/v2/alerts", incident.id, "P2"],
      ["POST", "/opsgenie/v2/alerts", incident.id, "P1"],
      ["PUT", `${alias}/priority?identifierType=alias`, undefined, "P1"],
    ]);
  });

  test("is acknowledged by the one click on a link, at the pagers", async () => {
    const link = linkOf(services.at("/slack/services")[0]!, "acknowledge");
    const clicked = await fetch(link, { method: "POST" });
    expect(await clicked.text()).toContain("Acknowledged.");
    const acknowledged = (await came("/pagerduty", 3))[2]!;
    expect(acknowledged.body).toEqual({
      routing_key: KEYS.pagerduty,
      event_action: "acknowledge",
      dedup_key: incident.id,
    });
    const [noted] = await came(`/opsgenie/v2/alerts/${incident.id}/acknowledge`, 1);
    expect(noted!.path).toContain("identifierType=alias");
  });

  test("is over at all of them once it is over", async () => {
    await ingest(server, eventsOf(checkout, 185, 0));
    const resolved = (await came("/pagerduty", 4))[3]!;
    expect(resolved.body).toEqual({ routing_key: KEYS.pagerduty, event_action: "resolve", dedup_key: incident.id });
    await came(`/opsgenie/v2/alerts/${incident.id}/close`, 1);
    for (const path of ["/slack/services", "/teams", "/telegram", "/own"]) await came(path, 3);
    const kinds = services.at("/own").map(({ headers }) => headers["x-kind"]);
    expect(kinds).toEqual(["opened", "escalated", "resolved"]);
  });

  test("has one thread in Slack, begun by its first message", async () => {
    const [first, ...later] = await came("/slack/api", 3);
    expect(first!.body).not.toHaveProperty("thread_ts");
    expect(first!.body["channel"]).toBe("C1");
    expect(later.map(({ body }) => body["thread_ts"])).toEqual(later.map(() => "1700000000.000001"));
  });

  test("was told in forms that each of them takes, once", async () => {
    expect(services.breaches).toEqual([]);
    const lines = await ledgerOf(incident.id, 3 * CHATS.length + 4 * PAGERS.length);
    const became = lines.map(({ subscription_name, change, status, attempts }) =>
      [subscription_name, change, status, attempts].join(" "),
    );
    const each = (paths: readonly string[], changes: readonly string[]): string[] =>
      paths.flatMap((path) => changes.map((change) => `to ${path} ${change} delivered 1`));
    const expected = [
      ...each(CHATS, ["opened", "escalated", "resolved"]),
      ...each(PAGERS, ["opened", "escalated", "acknowledged", "resolved"]),
    ];
    expect(became.toSorted()).toEqual(expected.toSorted());
  });
});

describe("a service that refuses", () => {
  const slackTo = (channel: string, token: string = KEYS.slack): object => ({
    type: "slack",
    token,
    channel,
    api_url: services.url("/slack/api"),
  });
  const PAGER = "/pagerduty/v2/busy";
  /** The receiver's clock is not the sender's. */
  const [RETRY_MS, ASKED_MS] = [4_900, 7_900];

  test("is tried again as it says, or after 5 s, whatever the status of its refusal", async () => {
    services.answers.set(PAGER, [
      { status: 429, headers: { "retry-after": "8" }, body: { status: "throttle exceeded" } },
    ]);
    services.answers.set("/slack/api/chat.postMessage", [{ status: 200, body: { ok: false, error: "ratelimited" } }]);
    const url = services.url(PAGER);
    await subscribe("limited by Slack", payments.service, slackTo("C2"));
    await subscribe("limited by PagerDuty", payments.service, { ...TARGETS["/pagerduty"]!(), url });
    await ingest(server, eventsOf(payments, 900, 250));

    const [first, second] = await came(PAGER, 2);
    expect(second!.at_ms - first!.at_ms).toBeGreaterThan(ASKED_MS);
    expect(second!.body["dedup_key"]).toBe(first!.body["dedup_key"]);
    await expect.poll(() => inChannel("C2").length).toBe(2);
    const [refused, taken] = inChannel("C2");
    expect(taken!.at_ms - refused!.at_ms).toBeGreaterThan(RETRY_MS);
    expect(taken!.body).not.toHaveProperty("thread_ts");
    const { items } = await server.get<Page<Incident>>("/v1/incidents?service=payments");
    const lines = await ledgerOf(items[0]!.id, 2);
    expect(lines.map(({ status, attempts, http_status }) => [status, attempts, http_status])).toEqual([
      ["delivered", 2, 200],
      ["delivered", 2, 202],
    ]);
  });

  test("because its key is wrong says so to whoever tries it, in its own words", async () => {
    const { id } = await subscribe("wrong token", "nobody", slackTo("C3", "xoxb-wrong"));
    expect(await tried(id)).toMatchObject({
      delivered: false,
      http_status: 200,
      error: "answered that it failed: invalid_auth",
    });
    const wrong = { ...TARGETS["/opsgenie"]!(), headers: { Authorization: "GenieKey wrong" } };
    const { id: other } = await subscribe("wrong key", "nobody", wrong);
    expect(await tried(other)).toMatchObject({ delivered: false, http_status: 401 });
  });
});

function inChannel(channel: string): ToldService[] {
  return services.at("/slack/api").filter(({ body }) => body["channel"] === channel);
}

async function tried(id: string): Promise<SendOutcome> {
  const response = await fetch(`${server.url}/v1/subscriptions/${id}/test`, {
    method: "POST",
    headers: { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}` },
  });
  const outcome: SendOutcome = await response.json();
  return outcome;
}

/** What of an incident was not withheld, by subscription, once there is as much of it as is wanted and nothing of it waits. */
async function ledgerOf(incident_id: string, count: number): Promise<readonly Delivery[]> {
  const path = `/v1/incidents/${encodeURIComponent(incident_id)}/deliveries?limit=100`;
  return until("the ledger", 20_000, async () => {
    const { items } = await server.get<Page<Delivery>>(path);
    const told = items.filter(({ status }) => status !== "withheld");
    // Nobody here wished for new words.
    expect(items.filter(({ status, change }) => status === "withheld" && change !== "narrated")).toEqual([]);
    const isWhole = told.length === count && told.every(({ status }) => status !== "waiting");
    return isWhole ? told.toSorted((a, b) => (a.subscription_name < b.subscription_name ? 1 : -1)) : undefined;
  });
}
