/**
 * A thousand incidents, a receiver that fails at random and a server that is killed in the middle: each incident is heard of, in order.
 * What is asserted is seen from outside: what the receiver got, and what the server says of it.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Delivery } from "../../domain/delivery.ts";
import type { Incident } from "../../domain/incident.ts";
import type { Page } from "../../domain/resource.ts";
import { randomFor } from "../../generator/random.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { FickleAnswers, MOOD_NAMES } from "./fickle-answers.ts";
import { ingest } from "./ingest.ts";
import { until } from "./process-group.ts";
import { LIFE_S, shortLife } from "./short-life.ts";
import { RECEIVERS_HERE, subscribe } from "./subscribe.ts";
import { type ReceivedWebhook, WebhookReceiver } from "./webhook-receiver.ts";

const SEED = Number(process.env["SEED"] ?? 7);
const KILLS = 3;
/** Each has a subscription of its own, as all messages of one group wait for each other. */
const TEAMS = 28;
/** One service of each team a wave: 1,008 incidents. */
const WAVES = 36;
const SENDERS = 4;
/** A life is sent in parts, each so many waves after the one before: until then a new service closes nothing. */
const PARTS = 3;
const PART_WAVES = 6;
/** Requests that one subscription has under way at once (durable-objects/subscription-queue.ts). */
const REQUESTS_MAX = 4;

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
  await until("every opening and every end", 150_000, () => (openAndOver() >= TEAMS * WAVES ? true : undefined));

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
}, 240_000);

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
    await sending;
  }
}

/** Resolves in the moment in which the receiver has another message, before it answers. */
async function nextMessage(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  receiver.otherwise = (response, attempt, received) => {
    receiver.otherwise = answers.answer;
    resolve();
    answers.answer(response, attempt, received);
  };
  await promise;
}

function openAndOver(): number {
  const changes = new Map<string, Set<string>>();
  for (const { id, says } of receiver.received) {
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
  for (const { says } of receiver.received.filter(({ id }) => answers.taken.has(id)))
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
  for (const { path, id, group_key, says } of receiver.received) {
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
  const contradicting = receiver.received.filter(({ id, content }) => {
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
  for (const one of receiver.received) arrivals.set(one.id, [...(arrivals.get(one.id) ?? []), one]);
  // What it calls delivered the receiver has, from the subscription of the service's team, and it names the incident with the change.
  const untrue = told.filter(({ message_id, subscription_name, incident_id, change }) => {
    const [first] = arrivals.get(message_id!) ?? [];
    const is_said = first?.path === `/${subscription_name}` && first.says.includes(`${incident_id} ${change}`);
    return !is_said || !answers.taken.has(message_id!);
  });
  expect(untrue).toEqual([]);
  expect(new Set(told.map(({ message_id }) => message_id!))).toEqual(answers.taken);
  // An attempt that a kill cut off may be missing in it, no other.
  const uncounted = told.map(({ message_id, attempts }) => arrivals.get(message_id!)!.length - attempts);
  expect(Math.min(...uncounted)).toBeGreaterThanOrEqual(0);
  expect(uncounted.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(KILLS * TEAMS * REQUESTS_MAX);
  expect(lines.filter(({ status }) => status === "failed" || status === "waiting")).toEqual([]);
  expect(new Set(lines.filter(({ reason }) => reason !== null).map(({ reason }) => reason))).toEqual(
    new Set(["change"]),
  );
}
