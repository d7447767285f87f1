/**
 * A thousand incidents, a receiver that fails at random and a server that is killed in the middle: each incident is heard of, in order.
 * What is asserted is seen from outside: what the receiver got, and what the server says of it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Delivery } from "../../domain/delivery.ts";
import type { Incident } from "../../domain/incident.ts";
import type { Page } from "../../domain/resource.ts";
import type { SubscriptionItem } from "../../domain/subscription.ts";
import { randomFor } from "../../generator/random.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { FickleAnswers, MOOD_NAMES } from "./fickle-answers.ts";
import { ingest } from "./ingest.ts";
import { until } from "./process-group.ts";
import { LIFE_S, shortLife } from "./short-life.ts";
import { RECEIVERS_HERE, subscribe } from "./subscribe.ts";
import { type ReceivedWebhook, WebhookReceiver } from "./webhook-receiver.ts";

const SEED = Number(process.env["SEED"] ?? 7);
const KILLS = 3;
/** Each has a subscription of its own, as all messages of one group wait for each other; 60 changes a minute may be made. */
const TEAMS = 56;
/** One service of each team a wave: 1,008 incidents. */
const WAVES = 18;
const SENDERS = 4;
/** A life is sent in parts, each so many waves after the one before: until then a new service closes nothing. */
const PARTS = 3;
const PART_WAVES = 4;
/** A wave takes as long as it takes to be told, between these: a server that is behind runs into the time limits of its messages. */
const WAVE_MS_MIN = 1_300;
const WAVE_MS_MAX = 4_000;
const MESSAGE_MS_MAX = 3_000;
/** Requests that one subscription has under way at once (durable-objects/subscription-queue.ts). */
const REQUESTS_MAX = 4;
/** Longer than any wait but the one of 5 min: a hang of 10 s and 5 s after it. */
const TESTS_MS = 16_000;

const random = randomFor(SEED);
const receiver = new WebhookReceiver();
const answers = new FickleAnswers(random);
const server = new FaultlineServer(RECEIVERS_HERE);
const teams = Array.from({ length: TEAMS }, (_, team) => `team-${team}`);
const serviceOf = (team: string, wave: number): string => `${team}.${wave}`;

beforeAll(async () => {
  await receiver.start();
  await server.start();
  for (const team of teams) {
    const wish = { name: team, services: [`${team}.*`], group_wait_s: 0, max_per_hour: 1_000 };
    await subscribe(server, receiver.url(`/${team}`), wish);
  }
});

afterAll(async () => {
  await server.stop();
  await receiver.stop();
});

test(`over 1,000 incidents each is delivered in order, none is missing, after ${KILLS} kills (SEED=${SEED})`, async () => {
  receiver.otherwise = answers.answer;
  const last = WAVES + (PARTS - 1) * PART_WAVES;
  const kills = Array.from({ length: KILLS }, (_, i) => Math.floor((last * (i + random.between(0.3, 1))) / KILLS));

  await Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(sender, last, sender === 0 ? kills : [])));
  await everythingHeard();

  const incidents = await until("history", 60_000, async () => {
    const found = await allIncidents();
    const over = found.filter(({ status }) => status === "resolved");
    return over.length >= TEAMS * WAVES ? found : undefined;
  });
  const ledger = await ledgersOf(incidents);
  expect(incidents.length).toBeGreaterThanOrEqual(1_000);
  expect(receiver.breaches).toEqual([]);
  expectEachHeard(incidents);
  expectOrder();
  expectOneContent();
  expectLedger(incidents, ledger);
  // Else it proved less than it says.
  expect(MOOD_NAMES.filter((name) => !answers.done.has(name))).toEqual([]);
}, 300_000);

/** The lives of a sender's teams, wave by wave; the server dies at these waves, with a batch and messages under way. */
async function send(sender: number, last: number, kills: readonly number[]): Promise<void> {
  const own = teams.filter((_, team) => team % SENDERS === sender);
  const born_ms: number[] = [];
  for (let at = 0; at <= last; at += 1) {
    born_ms.push(Date.now() - LIFE_S * 1000);
    const part = LIFE_S / PARTS;
    const events = Array.from({ length: PARTS }, (_, nth) => ({ nth, wave: at - nth * PART_WAVES }))
      .filter(({ wave }) => wave >= 0 && wave < WAVES)
      .flatMap(({ nth, wave }) =>
        own.flatMap((team) => shortLife(serviceOf(team, wave), born_ms[wave]!, nth * part, (nth + 1) * part)),
      );
    const sending = ingest(server, events, 120_000);
    if (kills.includes(at)) {
      await nextMessage();
      await server.kill();
      await server.start();
    }
    await Promise.all([sending, delay(WAVE_MS_MIN)]);
    await keptUp(at);
  }
}

/** Most of what the parts of the waves before this one bring is told; the rest waits to be tried again. */
async function keptUp(at: number): Promise<void> {
  const [opened, over] = [at - PART_WAVES, at - (PARTS - 1) * PART_WAVES].map((waves) => Math.max(0, waves));
  const end_ms = performance.now() + WAVE_MS_MAX - WAVE_MS_MIN;
  while (answers.taken.size < 0.85 * TEAMS * (opened! + over!) && performance.now() < end_ms) await delay(100);
}

/** Resolves in the moment in which the receiver has another message, before it answers; where none comes soon, without one. */
async function nextMessage(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  receiver.otherwise = (response, attempt, received) => {
    receiver.otherwise = answers.answer;
    resolve();
    answers.answer(response, attempt, received);
  };
  await Promise.race([promise, delay(MESSAGE_MS_MAX)]);
}

/**
 * A kill beside a fault is a second failure, after which a message waits for 5 min. As somebody on call would, this sends a test now and
 * then where the newest attempt failed: one that is taken tells what waits that its target is there.
 */
async function everythingHeard(): Promise<void> {
  let tests_ms = performance.now() + TESTS_MS;
  await until("every opening and every end", 150_000, async () => {
    if (openAndOver() >= TEAMS * WAVES) return true;
    if (performance.now() < tests_ms) return undefined;
    await sendTests();
    tests_ms = performance.now() + TESTS_MS;
    return undefined;
  });
}

async function sendTests(): Promise<void> {
  const { items } = await server.get<Page<SubscriptionItem>>("/v1/subscriptions");
  for (const { id, health } of items) {
    if (health === null || health.waiting === 0 || health.state === "healthy") continue;
    const headers = { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}` };
    const response = await fetch(`${server.url}/v1/subscriptions/${id}/test`, { method: "POST", headers });
    const answer = await response.text();
    // So many a minute and no more: the next time, then.
    if (response.status === 429) return;
    if (response.status !== 200) throw new Error(`${response.status} ${answer}`);
  }
}

/** What came, and came of incidents. */
function messages(): readonly ReceivedWebhook[] {
  return receiver.received.filter(({ kind }) => kind !== "test");
}

function openAndOver(): number {
  const changes = new Map<string, Set<string>>();
  for (const { id, says } of messages()) {
    if (!answers.taken.has(id)) continue;
    for (const said of says) {
      const [incident = "", change = ""] = said.split(" ");
      changes.set(incident, (changes.get(incident) ?? new Set()).add(change));
    }
  }
  return [...changes.values()].filter((heard) => heard.has("opened") && heard.has("resolved")).length;
}

async function allIncidents(): Promise<Incident[]> {
  const found: Incident[] = [];
  let cursor = "";
  do {
    const { items, next } = await server.get<Page<Incident>>(`/v1/incidents?limit=1000${cursor}`);
    found.push(...items);
    cursor = next === null ? "" : `&cursor=${encodeURIComponent(next)}`;
  } while (cursor !== "");
  return found;
}

/** By incident, once no line of it waits any more. */
async function ledgersOf(incidents: readonly Incident[]): Promise<ReadonlyMap<string, readonly Delivery[]>> {
  const ledgers = new Map<string, readonly Delivery[]>();
  const left = incidents.values();
  const reader = async (): Promise<void> => {
    for (const { id } of left) {
      const path = `/v1/incidents/${encodeURIComponent(id)}/deliveries?limit=100`;
      const lines = await until(`the ledger of ${id}`, 60_000, async () => {
        const { items } = await server.get<Page<Delivery>>(path);
        const told = new Set(items.filter(({ status }) => status === "delivered").map(({ change }) => change));
        return told.has("opened") && told.has("resolved") ? items : undefined;
      });
      ledgers.set(id, lines);
    }
  };
  await Promise.all(Array.from({ length: 8 }, reader));
  return ledgers;
}

function expectEachHeard(incidents: readonly Incident[]): void {
  const heard = new Map<string, string[]>();
  for (const { says } of messages().filter(({ id }) => answers.taken.has(id)))
    for (const said of says) {
      const [incident = "", change = ""] = said.split(" ");
      heard.set(incident, [...(heard.get(incident) ?? []), change]);
    }
  const known = new Set(incidents.map(({ id }) => id));
  expect([...heard.keys()].filter((id) => !known.has(id))).toEqual([]);
  const wrong = incidents.filter(({ id }) => {
    const changes = heard.get(id) ?? [];
    // Repetitions of what was not seen to be taken aside: it opened, and only after that it was over.
    return (
      changes[0] !== "opened" ||
      changes.at(-1) !== "resolved" ||
      changes.indexOf("resolved") < changes.lastIndexOf("opened")
    );
  });
  expect(wrong.map(({ id }) => `${id}: ${(heard.get(id) ?? []).join(" ")}`)).toEqual([]);
}

/** A message of a group comes once the one before was taken, and nothing of that one comes after it. */
function expectOrder(): void {
  const newest = new Map<string, string>();
  const begun = new Set<string>();
  const wrong: string[] = [];
  for (const { path, id, group_key, says } of messages()) {
    const group = `${path} ${group_key}`;
    if (newest.get(group) === id) continue;
    const before = newest.get(group);
    if (begun.has(id)) wrong.push(`${id} (${says.join(", ")}) came again after a later one of ${group}`);
    if (before !== undefined && !answers.taken.has(before)) wrong.push(`${id} overtook ${before} in ${group}`);
    newest.set(group, id);
    begun.add(id);
  }
  expect(wrong).toEqual([]);
}

function expectOneContent(): void {
  const contents = new Map<string, string>();
  const contradicting = messages().filter(({ id, content }) => {
    const known = contents.get(id) ?? content;
    contents.set(id, known);
    return known !== content;
  });
  expect(contradicting.map(({ id, says }) => `${id}: ${says.join(", ")}`)).toEqual([]);
}

function expectLedger(incidents: readonly Incident[], ledgers: ReadonlyMap<string, readonly Delivery[]>): void {
  const lines = incidents.flatMap(({ id }) => ledgers.get(id)!);
  const told = lines.filter(({ status }) => status === "delivered");
  const arrivals = new Map<string, ReceivedWebhook[]>();
  for (const one of messages()) arrivals.set(one.id, [...(arrivals.get(one.id) ?? []), one]);
  // What it calls delivered the receiver has, from the subscription of the service's team, and it names the incident with the change.
  const untrue = told.filter(({ message_id, subscription_name, incident_id, change }) => {
    const [first] = arrivals.get(message_id!) ?? [];
    const is_said = first?.path === `/${subscription_name}` && first.says.includes(`${incident_id} ${change}`);
    return !is_said || !answers.taken.has(message_id!);
  });
  expect(untrue).toEqual([]);
  expect(new Set(told.map(({ message_id }) => message_id!))).toEqual(answers.taken);
  // Of what arrived it misses attempts that a kill cut off, no others.
  const uncounted = told.map(({ message_id, attempts }) => Math.max(0, arrivals.get(message_id!)!.length - attempts));
  expect(uncounted.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(KILLS * TEAMS * REQUESTS_MAX);
  expect(lines.filter(({ status }) => status === "failed" || status === "waiting")).toEqual([]);
  expect(new Set(lines.filter(({ reason }) => reason !== null).map(({ reason }) => reason))).toEqual(
    new Set(["change"]),
  );
}
