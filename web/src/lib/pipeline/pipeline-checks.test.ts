import { describe, expect, test } from "vitest";
import { NO_COUNTS } from "../../../../domain/ingest-counts.ts";
import type { FleetPipeline, PipelineItem } from "../../../../domain/pipeline.ts";
import { normalOf } from "../../../../domain/pipeline-normal.ts";
import {
  agoOf as at,
  FLEET,
  flowOf as flow,
  itemOf as reading,
  NARRATOR,
  pastReading,
  PIPELINE_NOW_MS as NOW_MS,
} from "../../../../tests/pipeline-item.ts";
import { sentenceText } from "../sentence.ts";
import { checkIn, minutesOf, opened } from "../../../../tests/pipeline-hour.ts";
import type { PipelineCheck } from "./pipeline-check.ts";
import { pipelineChecks as checksOf } from "./pipeline-checks.ts";
import { hourOf } from "./pipeline-hour.ts";
import { pipelineSentence } from "./pipeline-sentence.ts";

const MINUTE_MS = 60_000;

/** What a page knows that has read these, where nothing was kept before. */
const pipelineChecks = (readings: readonly PipelineItem[]): PipelineCheck[] => checksOf(hourOf(readings, []));

const fleetOf = (change: Partial<FleetPipeline>): PipelineItem => reading({ fleet: { ...FLEET, ...change } });

function checkOf(name: string, ...readings: PipelineItem[]): PipelineCheck {
  const found = pipelineChecks(readings).find((check) => check.name === name);
  if (found === undefined) throw new Error(`no check is called ${name}`);
  return found;
}

const states = (...readings: PipelineItem[]) =>
  Object.fromEntries(pipelineChecks(readings).map(({ name, state }) => [name, state]));

test("where all is well every check says so, with what is normal, and nothing to do", () => {
  const checks = pipelineChecks([reading()]);
  expect(checks.filter(({ state }) => state !== "normal").map(({ name }) => name)).toEqual(["Ingest"]);
  for (const { normal, wrong, advice, since_ms } of checks) {
    expect(normal).not.toBe("");
    expect([wrong, advice, since_ms]).toEqual(["", "", null]);
  }
});

test("what is wrong stands first, as the sentence tells it, and what has no line last", () => {
  const quarantined = [{ service: "search", since: at(60_000) }];
  const asked = [flow({ outbox_since: { d1: at(41_000) } })];
  const checks = pipelineChecks([reading({ asked, fleet: { ...FLEET, quarantined } })]);
  expect(checks.slice(0, 2).map(({ name }) => name)).toEqual(["Quarantine", "History outbox"]);
  const lines = checks.slice(2).map(({ figure }) => figure !== null);
  expect(lines).toEqual(lines.toSorted((a, b) => Number(b) - Number(a)));
});

test("where nothing was ever sent nothing is called well or wrong that nobody can know", () => {
  const readings = { ...FLEET.readings, running: NO_COUNTS };
  const fleet = { ...FLEET, services: 0, request_rate: 0, busiest: [], sources: [], bridges: [], readings };
  const narrator = { ...NARRATOR, model: null };
  expect(states(reading({ fleet, asked: [], narrator }))).toMatchObject({
    Bridges: "unknown",
    Lag: "unknown",
    Freshness: "unknown",
    "History outbox": "unknown",
    Late: "unknown",
    Dropped: "normal",
    "Narrator circuit": "unknown",
    Objects: "normal",
    Rejected: "normal",
  });
});

describe("bridges", () => {
  test("of a source that is silent for three beats are missed since the last one", () => {
    const bridges = [{ source: "default", instance: "bridge-1", lag: 0, seen_at: at(15_001) }];
    const sources = [{ source: "default", standing: "stalled" as const }];
    expect(checkOf("Bridges", fleetOf({ bridges, sources }))).toMatchObject({
      text: "0",
      unit: "of 1",
      state: "outside",
      since_ms: NOW_MS - 15_001,
      wrong: "No bridge of default is heard.",
    });
    // It is silent, not slow.
    expect(checkOf("Lag", fleetOf({ bridges, sources })).state).toBe("normal");
  });

  test("that are gone while another of the source is there are no harm", () => {
    const bridges = [...FLEET.bridges, { source: "default", instance: "old", lag: 5, seen_at: at(86_400_000) }];
    expect(checkOf("Bridges", fleetOf({ bridges }))).toMatchObject({ text: "1", unit: "of 2", state: "normal" });
  });
});

describe("lag", () => {
  test("far above what is usual is wrong since the first minute of it, for whoever opens the page", () => {
    const much = { ...FLEET, bridges: [{ ...FLEET.bridges[0]!, lag: 90_000 }] };
    const hour = opened(minutesOf({ lag: 80_000 }, { lag: 85_000 }), { fleet: much });
    expect(checkIn("Lag", hour)).toMatchObject({
      state: "outside",
      normal: "212",
      since_ms: NOW_MS - 2 * MINUTE_MS,
      wrong: "90,000 events wait in the topics.",
    });
    // Where no minute was read since, it is the one that is not over.
    expect(checkIn("Lag", opened(minutesOf(), { fleet: much })).since_ms).toBe(NOW_MS);
    expect(checkIn("Lag", opened(minutesOf({ lag: 80_000 }))).state).toBe("normal");
  });

  test("that grows in each reading for 15 s is wrong since the first, and by chance in a few it is not", () => {
    const stalled = { ...FLEET, sources: [{ source: "default", standing: "stalled" as const }] };
    const growing = [15_000, 10_000, 5000, 0].map((ago_ms) => reading({ fleet: stalled }, ago_ms));
    expect(checkOf("Lag", reading({}, 20_000), ...growing)).toMatchObject({
      state: "outside",
      since_ms: NOW_MS - 15_000,
      wrong: "More and more waits in default: the lag grows.",
    });
    expect(checkOf("Lag", reading({}, 15_000), ...growing.slice(1))).toMatchObject({ state: "normal", since_ms: null });
    // Whoever looked later is told the same.
    const minutes = minutesOf({ stalled: 1 }, { stalled: 1 });
    const kept = { newest: minutes.at(-1)!.minute, running: NO_COUNTS, running_since: null, normal: normalOf(minutes) };
    const later = growing.map((one) => ({ ...one, fleet: { ...stalled, readings: kept } }));
    expect(checkIn("Lag", hourOf(later, minutes)).since_ms).toBe(NOW_MS - 2 * MINUTE_MS);
  });
});

describe("freshness", () => {
  test("beyond 10 s is wrong", () => {
    expect(checkOf("Freshness", reading({ asked: [flow({ at: at(12_000) })] }))).toMatchObject({
      state: "outside",
      wrong: "What is judged is 11 s behind.",
    });
    const hour = opened(minutesOf({ behind_s: 12 }, { behind_s: 30 }), { asked: [flow({ at: at(32_000) })] });
    expect(checkIn("Freshness", hour)).toMatchObject({ normal: "3.0", since_ms: NOW_MS - 2 * MINUTE_MS });
  });
});

describe("an outbox", () => {
  test("whose oldest row is overdue by more than 10 s lags since then, over all services", () => {
    const waiting = (d1: number, since: string | null) =>
      flow({ outbox: { d1, fleet: 0, narrator: 0 }, outbox_since: { d1: since, fleet: null, narrator: null } });
    const asked = [waiting(1000, at(41_000)), waiting(240, at(5000)), waiting(0, null)];
    expect(checkOf("History outbox", reading({ asked }))).toMatchObject({
      value: 1240,
      state: "outside",
      since_ms: NOW_MS - 41_000,
      wrong: "History lags by 41 s: 1,240 rows wait.",
    });
    expect(checkOf("History outbox", reading({ asked: asked.slice(1) })).state).toBe("normal");
    const minutes = Array.from({ length: 41 }, (_, rows) => pastReading(41 - rows, { outbox: { d1: rows } }));
    expect(checkIn("History outbox", opened(minutes, { asked }))).toMatchObject({
      normal: "2 to 38",
      range: { low: 2, high: 38 },
      since_ms: NOW_MS - 41_000,
    });
  });

  test("of changes that no subscription hears of is one of them", () => {
    const asked = [flow({ outbox: { subscribers: 7 }, outbox_since: { subscribers: at(20_000) } })];
    expect(checkOf("Subscription outbox", reading({ asked }))).toMatchObject({
      value: 7,
      state: "outside",
      wrong: "Telling subscribers lags by 20 s: 7 rows wait.",
    });
  });
});

describe("the Narrator", () => {
  test("whose circuit is open is wrong since it opened, with what the last call met", () => {
    const circuit = { state: "open", since: at(60_000), failures: 5, reason: "timeout." } as const;
    expect(checkOf("Narrator circuit", reading({ narrator: { ...NARRATOR, circuit } }))).toMatchObject({
      text: "open",
      state: "outside",
      since_ms: NOW_MS - 60_000,
      wrong: "tiny does not answer: 5 calls failed in a row.",
      advice: "The last one met: timeout. Incidents have the template's words meanwhile.",
    });
  });

  test("that cannot be set up as it is says what is wrong with it", () => {
    const narrator = { ...NARRATOR, model: null, problem: "OLLAMA_URL: must be a URL." };
    expect(checkOf("Narrator circuit", reading({ narrator }))).toMatchObject({
      state: "outside",
      wrong: "OLLAMA_URL: must be a URL.",
    });
  });

  test("that does not answer is missed since it was", () => {
    const readings = [reading({}, 5000), reading({ narrator: null })];
    expect(checkOf("Narrator circuit", ...readings)).toMatchObject({ state: "outside", since_ms: NOW_MS });
  });
});

describe("subscriptions", () => {
  const failing = (name: string, since: string | null) => {
    return { id: `sub_${name}`, name, state: "unhealthy", since, reason: "it answered 500", waiting: 2 } as const;
  };

  test("whose targets fail are wrong since the first of them did, with what it met", () => {
    const unhealthy = [failing("Shop", at(60_000)), failing("Search", at(120_000))];
    const subscriptions = { total: 9, waiting: 0, unhealthy };
    expect(checkOf("Subscriptions", reading({ subscriptions }))).toMatchObject({
      state: "outside",
      text: "2",
      about: "those whose target fails, of 9",
      since_ms: NOW_MS - 120_000,
      wrong: "Messages of Shop do not arrive: it answered 500, and 1 more.",
    });
  });

  test("that all are well are normal, and unknown without the list of them", () => {
    expect(checkOf("Subscriptions", reading())).toMatchObject({ state: "normal", text: "0", wrong: "" });
    expect(checkOf("Subscriptions", reading({ subscriptions: null }))).toMatchObject({ state: "unknown", text: "–" });
  });
});

describe("the heartbeat", () => {
  const beat = (heartbeat: FleetPipeline["heartbeat"]): PipelineCheck => checkOf("Heartbeat", fleetOf({ heartbeat }));

  test("that is held back is wrong since the last one, and says why", () => {
    const held = { at: at(1_000), sent_at: at(180_000), reason: "the history database does not answer" };
    expect(beat(held)).toMatchObject({
      state: "outside",
      text: "held back",
      since_ms: NOW_MS - 180_000,
      wrong: "No heartbeat is sent: the history database does not answer.",
    });
  });

  test("that is sent is normal, and no check where none is set up", () => {
    expect(beat({ at: at(1_000), sent_at: at(900), reason: null })).toMatchObject({ state: "normal", text: "sent" });
    expect(beat({ at: null, sent_at: null, reason: null })).toMatchObject({ state: "unknown" });
    expect(pipelineChecks([reading()]).some(({ name }) => name === "Heartbeat")).toBe(false);
  });
});

describe("parts that do not answer", () => {
  test("are named, and no number is made up for what only they know", () => {
    const gone = reading({ fleet: null, asked: [] });
    expect(checkOf("Objects", reading({}, 5000), gone)).toMatchObject({ state: "outside", since_ms: NOW_MS });
    expect(states(gone)).toMatchObject({ Rejected: "unknown", Quarantine: "unknown", Lag: "unknown" });
    expect(checkOf("Objects", reading({ unanswered: ["search"] })).wrong).toMatch(/^No answer comes from .* search:/);
  });
});

test("a quarantine is told with since when", () => {
  const quarantined = [{ service: "search", since: at(3_600_000) }];
  expect(checkOf("Quarantine", fleetOf({ quarantined }))).toMatchObject({
    state: "outside",
    since_ms: NOW_MS - 3_600_000,
    wrong: "search is in quarantine.",
  });
});

describe("the sentence", () => {
  const said = (...readings: PipelineItem[]) => {
    const checks = pipelineChecks(readings);
    return sentenceText(pipelineSentence(checks, readings.at(-1)!.fleet?.services ?? null, NOW_MS));
  };

  test("tells the worst, since when, and that there is more", () => {
    expect(said(reading())).toBe("Nothing is lost, and what is judged is 3.0 s behind.");
    const asked = [flow({ outbox_since: { d1: at(41_000), fleet: null, narrator: null } })];
    expect(said(reading({ asked }))).toBe("History lags by 41 s: 3 rows wait. Since 09:59:19.");
    const two = reading({ asked, narrator: null });
    expect(said(two)).toBe("History lags by 41 s: 3 rows wait. Since 09:59:19. 1 more is not normal.");
  });

  test("claims nothing where nothing comes", () => {
    expect(said(reading({ asked: [] }))).toBe("Nothing is lost, and nothing comes now.");
    expect(said(fleetOf({ services: 0 }))).toBe("No service has sent an event yet.");
  });
});
