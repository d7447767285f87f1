/**
 * The Narrator's actor over `node:sqlite`, with a clock and timers that the test moves, and neighbours that keep what they hear:
 * a model that answers when the test lets it, and services' objects that number what they take.
 */
import type { Evidence, EvidenceSubject, NeighbourIncident, PastIncident } from "../domain/evidence.ts";
import { at, count, fact, seconds, share } from "../domain/evidence-values.ts";
import { type HeldNarrative, judgeDraft, narrativeDraft } from "../domain/narrative-draft.ts";
import type { Narrative, NarrativeSource } from "../domain/narrative.ts";
import type {
  BudgetPort,
  ModelAnswer,
  ModelPort,
  NarratedPort,
  NarrativeDraft,
  NarrativeVerdict,
  NeighboursPort,
  PastPort,
  Repair,
} from "../domain/narrator.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import { templateStory } from "../domain/template-narrative.ts";
import { NarratorActor } from "../durable-objects/narrator.ts";
import { ActorWorld } from "./actor-world.ts";

export const START_MS = Date.parse("2026-11-24T10:00:00Z");

/** An incident of `service`, one a service, with 31 % of errors since START_MS. */
export function evidenceOf(service: string, version: number, changes: Partial<EvidenceSubject> = {}): Evidence {
  const onset_s = START_MS / 1000;
  return {
    incident_id: `${service}-${onset_s}-error_rate`,
    service,
    version,
    subject: {
      status: "open",
      severity: "high",
      metric_name: "error_rate",
      anomaly_type: "error_rate",
      endpoint: "/pay",
      onset_at: formatRfc3339(START_MS),
      opened_at: formatRfc3339(START_MS + 4_000),
      updated_at: formatRfc3339(START_MS + 4_000 + version * 1_000),
      resolved_at: null,
      resolution: null,
      historical: false,
      ...changes,
    },
    affected_metrics: ["error_rate"],
    facts: [
      fact("errors", "31 % of requests fail; 1 % is typical.", [share("actual", 0.31), share("typical", 0.01)]),
      fact("onset", "It began at 10:00:00 UTC and was told after 4 s.", [
        at("onset", onset_s),
        seconds("told_after", 4),
      ]),
      fact("impact", "340 requests failed.", [count("failed", 340)]),
    ],
    links: { runbook: null, traces: null },
  };
}

/** A story in a model's form that stands: the template's own. */
export function rightAnswer(evidence: Evidence): string {
  const { summary, possible_causes, recommended_actions } = templateStory(evidence);
  const actions = recommended_actions.map(({ text, facts }) => ({ text, facts }));
  return JSON.stringify({ summary, possible_causes, recommended_actions: actions });
}

/** An answer that does not stand: its number is in no evidence. */
export const WRONG_ANSWER = JSON.stringify({
  summary: [{ text: "73 % of requests fail.", facts: ["errors"] }],
  possible_causes: [{ cause: "unknown", certainty: "INCONCLUSIVE", text: "Facts do not tell.", facts: ["errors"] }],
  recommended_actions: [{ text: "Look at the service.", facts: ["errors"] }],
});

/** A call to the model that waits for the test's word. */
export interface ModelCall {
  readonly evidence: Evidence;
  readonly repair: Repair | null;
  readonly at_ms: number;
  readonly signal: AbortSignal;
  answer(text?: string, tokens?: number): void;
  fail(): void;
}

class ScriptedModel implements ModelPort {
  readonly name = "small:1b";
  /** Every call so far, and those that have not ended. */
  readonly calls: ModelCall[] = [];
  open: ModelCall[] = [];
  open_max = 0;
  /** What becomes of a call at once; `wait`: what the test says. */
  mood: "wait" | "right" | "wrong" | "down" = "wait";
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  ask(evidence: Evidence, repair: Repair | null, signal: AbortSignal): Promise<ModelAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<ModelAnswer>();
    const end = (): void => void (this.open = this.open.filter((other) => other !== call));
    const call: ModelCall = {
      evidence,
      repair,
      signal,
      at_ms: this.#now(),
      answer: (text = rightAnswer(evidence), tokens = 900) => {
        end();
        resolve({ text, tokens, latency_ms: this.#now() - call.at_ms });
      },
      fail: () => {
        end();
        reject(new Error("connection refused"));
      },
    };
    signal.addEventListener("abort", () => {
      end();
      reject(signal.reason);
    });
    this.calls.push(call);
    this.open.push(call);
    this.open_max = Math.max(this.open_max, this.open.length);
    if (this.mood === "right") call.answer();
    if (this.mood === "wrong") call.answer(WRONG_ANSWER);
    if (this.mood === "down") call.fail();
    return promise;
  }

  /** The services that it is asked about now. */
  writing(): string[] {
    return this.open.map(({ evidence }) => evidence.service);
  }
}

/** Services' objects with one incident each. Those in `hanging` never answer, those in `broken` refuse, `slow` ones wait for the test. */
class NarratedServices implements NarratedPort {
  readonly hanging = new Set<string>();
  readonly broken = new Set<string>();
  readonly slow = new Map<string, Promise<void>>();
  /** By service, every narrative it told, oldest first. */
  readonly told = new Map<string, Narrative[]>();
  readonly asked: { readonly service: string; readonly at_ms: number }[] = [];
  readonly #held = new Map<string, HeldNarrative>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** It tells of a new version by itself, as it does before it asks the Narrator. */
  tells(evidence: Evidence): void {
    const reason = evidence.subject.historical ? "historical" : "waiting";
    const source: NarrativeSource = { source: "template", reason, llm_model: null, latency_ms: null };
    this.#add(narrativeDraft(evidence, templateStory(evidence), source, this.#now()), true);
  }

  /** It is deleted. */
  forgets(service: string): void {
    this.#held.delete(service);
  }

  async takeNarrative(service: string, draft: NarrativeDraft): Promise<NarrativeVerdict> {
    this.asked.push({ service, at_ms: this.#now() });
    if (this.hanging.has(service)) await new Promise(() => undefined);
    if (this.broken.has(service)) throw new Error(`${service} is broken`);
    await this.slow.get(service);
    const { verdict, replaces } = judgeDraft(this.#held.get(service) ?? null, draft);
    if (replaces) this.#add(draft, false);
    return verdict;
  }

  newest(service: string): Narrative | undefined {
    return this.told.get(service)?.at(-1);
  }

  /** Why the words are the template's, or `llm`, of one version or of all, in the order in which they were told. */
  reasons(service: string, version?: number): string[] {
    const told = this.told.get(service) ?? [];
    return told.filter((own) => own.version === (version ?? own.version)).map(({ source, reason }) => reason ?? source);
  }

  #add(draft: NarrativeDraft, is_first: boolean): void {
    const before = this.told.get(draft.service) ?? [];
    const narrative: Narrative = { ...structuredClone(draft), revision: before.length + 1 };
    this.told.set(draft.service, [...before, narrative]);
    this.#held.set(draft.service, { narrative, severity: "high", is_first });
  }
}

/** The Fleet and history; `hanging` ones never answer, `broken` ones refuse. */
class Surrounding implements NeighboursPort, PastPort {
  state: "up" | "hanging" | "broken" = "up";
  neighbour_incidents: readonly NeighbourIncident[] = [];
  past_incidents: readonly PastIncident[] = [];

  neighbours(): Promise<readonly NeighbourIncident[]> {
    return this.#answer(this.neighbour_incidents);
  }

  alike(): Promise<readonly PastIncident[]> {
    return this.#answer(this.past_incidents);
  }

  async #answer<T>(value: T): Promise<T> {
    if (this.state === "hanging") await new Promise(() => undefined);
    if (this.state === "broken") throw new Error("it is down");
    return value;
  }
}

export interface NarratorWorldOptions {
  readonly daily_tokens?: number;
  /** The first instance, where this is another one. */
  readonly keeper?: BudgetPort;
  /** False: no model is set up. */
  readonly model?: boolean;
}

export class NarratorWorld extends ActorWorld {
  readonly model = new ScriptedModel(() => this.now_ms);
  readonly services = new NarratedServices(() => this.now_ms);
  readonly fleet = new Surrounding();
  readonly past = new Surrounding();
  /** What the next delays by chance are made of. */
  random = 0;
  options: NarratorWorldOptions;
  actor: NarratorActor;
  #life = 0;

  constructor(options: NarratorWorldOptions = {}) {
    super(START_MS);
    this.options = options;
    this.actor = this.#make();
  }

  /** The object loses its memory: timers and calls in flight with it. Storage and alarm stay. */
  evict(): void {
    this.#life += 1;
    this.loseTimers();
    this.model.open = [];
    this.actor = this.storage.unharmed(() => this.#make());
  }

  /** The service tells of a version of its incident and asks for its words. */
  async asks(service: string, version: number, changes: Partial<EvidenceSubject> = {}): Promise<void> {
    this.services.tells(evidenceOf(service, version, changes));
    await this.repeats(service, version, changes);
  }

  /** The service's outbox asks without knowing that it did before. */
  async repeats(service: string, version: number, changes: Partial<EvidenceSubject> = {}): Promise<void> {
    await this.actor.narrate([{ service, evidence: evidenceOf(service, version, changes) }]);
    await this.settle();
  }

  /** The alarm rings now. */
  override ring(): void {
    this.rings(() => this.actor.onAlarm());
  }

  #make(): NarratorActor {
    const life = this.#life;
    /** What comes back to an object that is gone reaches nobody. */
    const heard = <T>(call: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        const inLife = (settle: () => void): void => {
          if (life === this.#life) settle();
        };
        call.then(
          (value) => inLife(() => resolve(value)),
          (error: unknown) => inLife(() => reject(error instanceof Error ? error : new Error(String(error)))),
        );
      });
    const { keeper, daily_tokens = 1_000_000, model = true } = this.options;
    const port: ModelPort = {
      name: this.model.name,
      ask: (evidence, repair, signal) => heard(this.model.ask(evidence, repair, signal)),
    };
    return new NarratorActor({
      storage: this.storage,
      now: () => this.now_ms,
      random: () => this.random,
      later: this.later,
      background: (work) => void work,
      fleet: { neighbours: () => heard(this.fleet.neighbours()) },
      past: { alike: () => heard(this.past.alike()) },
      monitors: { takeNarrative: (service, draft) => heard(this.services.takeNarrative(service, draft)) },
      problem: null,
      model: model ? { port, timeout_ms: 60_000, call_tokens: 4_000 } : null,
      daily_tokens,
      keeper: keeper === undefined ? null : { ...keeperOf(keeper, heard) },
    });
  }
}

function keeperOf(keeper: BudgetPort, heard: <T>(call: Promise<T>) => Promise<T>): BudgetPort {
  return {
    reserve: (day, tokens) => heard(keeper.reserve(day, tokens)),
    giveBack: (day, tokens) => heard(keeper.giveBack(day, tokens)),
  };
}
