import { describe, expect, test } from "vitest";
import type { NarratorStatus } from "../../../../domain/narrator.ts";
import type { FleetPipeline, PipelineItem, ServiceFlow } from "../../../../domain/pipeline.ts";
import type { Rejection } from "../../../../domain/rejection.ts";
import type { ServiceCounters } from "../../../../domain/resource.ts";
import { sentenceText } from "../sentence.ts";
import type { PipelineCheck } from "./pipeline-check.ts";
import { pipelineChecks } from "./pipeline-checks.ts";
import { pipelineSentence } from "./pipeline-sentence.ts";
import { pipelineStages } from "./pipeline-stages.ts";
import { reasonCounts } from "./reject-reasons.ts";

const NOW_MS = Date.parse("2026-11-24T10:00:00Z");
const at = (ago_ms: number): string => new Date(NOW_MS - ago_ms).toISOString();

const NARRATOR: NarratorStatus = {
  model: "tiny",
  problem: null,
  circuit: { state: "closed", since: null, failures: 0, reason: null },
  waiting: 0,
  running: 0,
  tokens_today: 1200,
  budget: 2_000_000,
  dropped: 0,
};

const FLEET: FleetPipeline = {
  services: 3,
  request_rate: 5812,
  busiest: ["checkout"],
  quarantined: [],
  sources: [{ source: "default", standing: "flowing" }],
  bridges: [{ source: "default", instance: "bridge-1", lag: 212, seen_at: at(2000) }],
  rejections: [],
  heartbeat: null,
};

const NO_COUNTS: ServiceCounters = {
  accepted: 10_000,
  duplicates: 0,
  duplicates_suspect: 0,
  before_start: 0,
  late: 0,
  dropped: 0,
};

function flow(
  change: Partial<Omit<ServiceFlow, "counters">> & { counters?: Partial<ServiceCounters> } = {},
): ServiceFlow {
  return {
    service: "checkout",
    at: at(4000),
    request_rate: 300,
    data: "flowing",
    outbox: { d1: 3, fleet: 0, narrator: 0, subscribers: 0 },
    outbox_since: { d1: null, fleet: null, narrator: null, subscribers: null },
    ...change,
    counters: { ...NO_COUNTS, ...change.counters },
  };
}

function reading(change: Partial<PipelineItem> = {}, ago_ms = 0): PipelineItem {
  const subscriptions = { total: 0, unhealthy: [], unanswered: [] };
  return {
    at: at(ago_ms),
    fleet: FLEET,
    asked: [flow()],
    unanswered: [],
    narrator: NARRATOR,
    subscriptions,
    ...change,
  };
}

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
  expect(new Set(checks.map(({ state }) => state))).toEqual(new Set(["normal"]));
  for (const { normal, wrong, advice, since_ms } of checks) {
    expect(normal).not.toBe("");
    expect([wrong, advice, since_ms]).toEqual(["", "", null]);
  }
});

test("where nothing was ever sent nothing is called well or wrong that nobody can know", () => {
  const fleet = { ...FLEET, services: 0, request_rate: 0, busiest: [], sources: [], bridges: [] };
  const narrator = { ...NARRATOR, model: null };
  expect(states(reading({ fleet, asked: [], narrator }))).toMatchObject({
    Bridges: "unknown",
    Lag: "unknown",
    Freshness: "unknown",
    "History outbox": "unknown",
    Late: "unknown",
    Dropped: "unknown",
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
  test("is each source's newest word, added up", () => {
    const bridges = [
      { source: "a", instance: "2", lag: 5, seen_at: at(1000) },
      { source: "a", instance: "1", lag: 7, seen_at: at(2000) },
      { source: "b", instance: "1", lag: 10, seen_at: at(2000) },
    ];
    const sources = ["a", "b"].map((source) => ({ source, standing: "flowing" as const }));
    expect(checkOf("Lag", fleetOf({ bridges, sources })).value).toBe(15);
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
  });
});

describe("freshness", () => {
  test("is how far half of the services that send are behind, a closed second at most", () => {
    const asked = [flow({ at: at(3000) }), flow({ at: at(4000) }), flow({ at: at(90_000) })];
    expect(checkOf("Freshness", reading({ asked }))).toMatchObject({ text: "3.0", state: "normal" });
  });

  test("counts none that is silent or sends less than it closes seconds", () => {
    const asked = [flow({ at: at(60_000), data: "silent" }), flow({ at: at(60_000), request_rate: 0.5 })];
    expect(checkOf("Freshness", reading({ asked }))).toMatchObject({ value: null, state: "unknown" });
  });

  test("beyond 10 s is wrong", () => {
    expect(checkOf("Freshness", reading({ asked: [flow({ at: at(12_000) })] }))).toMatchObject({
      state: "outside",
      wrong: "What is judged is 11 s behind.",
    });
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

describe("counts", () => {
  const later = (counters: Partial<ServiceCounters>) =>
    reading({ asked: [flow({ counters: { accepted: 11_000, ...counters } })] });
  const before = reading({}, 5000);

  test("of late events are wrong where more than 1 % of what came while one looked is", () => {
    expect(checkOf("Late", before, later({ late: 10 })).state).toBe("normal");
    expect(checkOf("Late", before, later({ late: 11 }))).toMatchObject({ state: "outside", since_ms: NOW_MS - 5000 });
    // Long ago is long ago: it is counted, and not wrong now.
    expect(checkOf("Late", reading({ asked: [flow({ counters: { late: 5000 } })] }))).toMatchObject({
      text: "50.00",
      state: "normal",
    });
  });

  test("of dropped events are wrong as soon as there is one more, at the time when", () => {
    expect(checkOf("Dropped", before, later({ dropped: 0 })).state).toBe("normal");
    const one = reading({ asked: [flow({ counters: { dropped: 1 } })] }, 3000);
    const readings = [before, one, reading({ asked: [flow({ counters: { dropped: 1 } })] })];
    expect(checkOf("Dropped", ...readings)).toMatchObject({ state: "outside", since_ms: NOW_MS - 3000, value: 1 });
  });

  test("of a service that joins those that are asked, or of an object that began anew, are no growth", () => {
    const joined = reading({ asked: [flow(), flow({ service: "search", counters: { dropped: 9 } })] });
    expect(checkOf("Dropped", before, joined).state).toBe("normal");
    const anew = reading({ asked: [flow({ counters: { accepted: 5, dropped: 0 } })] });
    expect(checkOf("Dropped", reading({ asked: [flow({ counters: { dropped: 9 } })] }, 5000), anew).state).toBe(
      "normal",
    );
  });
});

describe("rejections", () => {
  const rejection = (ago_ms: number, reason = "invalid_latency_ms"): Rejection => {
    return { at: at(ago_ms), reason, detail: "d", where: "plain HTTP", value: "" };
  };

  test("of the last 5 min are wrong since the first of them", () => {
    const rejections = [rejection(1000, "future"), rejection(200_000), rejection(300_001)];
    expect(checkOf("Rejected", fleetOf({ rejections }))).toMatchObject({
      value: 2,
      text: "2",
      since_ms: NOW_MS - 200_000,
      wrong: "2 events were refused in the last 5 min, the newest as future.",
    });
    expect(checkOf("Rejected", fleetOf({ rejections: rejections.slice(2) })).state).toBe("normal");
  });

  test("that fill all that is kept may be more", () => {
    const rejections = Array.from({ length: 20 }, (_, i) => rejection(i * 1000));
    expect(checkOf("Rejected", fleetOf({ rejections })).text).toBe("20+");
  });

  test("are counted by reason, the most frequent first", () => {
    expect(reasonCounts(["a", "b", "b"].map((reason) => ({ reason })))).toEqual([
      { reason: "b", count: 2, share: 1 },
      { reason: "a", count: 1, share: 0.5 },
    ]);
    expect(reasonCounts([])).toEqual([]);
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
    const subscriptions = { total: 9, unhealthy, unanswered: ["Mute"] };
    expect(checkOf("Subscriptions", reading({ subscriptions }))).toMatchObject({
      state: "outside",
      text: "3",
      about: "those whose target fails, of 9",
      since_ms: NOW_MS - 120_000,
      wrong: "Messages of Shop do not arrive: it answered 500, and 2 more.",
    });
    const mute = { total: 1, unhealthy: [], unanswered: ["Mute"] };
    expect(checkOf("Subscriptions", reading({ subscriptions: mute })).wrong).toBe(
      "Messages of Mute do not arrive: its object does not answer.",
    );
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

test("the way of an event has a station for each part, marked where it is wrong", () => {
  const now = reading({ asked: [flow({ outbox_since: { d1: at(41_000), fleet: null, narrator: null } })] });
  const stages = pipelineStages(now, pipelineChecks([now]));
  expect(stages.map(({ name, text, unit, isWrong }) => [name, `${text}${unit}`, isWrong])).toEqual([
    ["Requests", "5,812/s", false],
    ["Bridge", "212events", false],
    ["Services", "3.0s", false],
    ["History", "3rows", true],
    ["Overview", "0rows", false],
    ["Narrator", "closed", false],
  ]);
});
