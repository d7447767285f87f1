/**
 * A subscription's actor over `node:sqlite`, with a clock and timers that the test moves, before a receiver that it spoils: incidents
 * whose services' outboxes tell again until they are heard, a Fleet with silences, and history.
 */
import { Webhook } from "standardwebhooks";
import type { Delivery, DeliveredChange } from "../domain/delivery.ts";
import type { ServiceEvent } from "../domain/fleet.ts";
import type { Incident } from "../domain/incident.ts";
import type { Narrative } from "../domain/narrative.ts";
import { viewOf } from "../domain/target-view.ts";
import type { TargetRequest } from "../domain/notification.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import type { Silence } from "../domain/silencing.ts";
import type { Notice } from "../domain/subscriber.ts";
import { type StoredSubscription, type SubscriptionWish, WISH_DEFAULTS } from "../domain/subscription.ts";
import type { Target, WebhookTarget } from "../domain/target.ts";
import { SubscriptionActor } from "../durable-objects/subscription.ts";
import type { SentAnswer } from "../durable-objects/subscription-sender.ts";
import { ActorWorld } from "./actor-world.ts";
import { incidentRow, narrativeRow } from "./history-rows.ts";
import { HistoryTable } from "./monitor-harness.ts";
import { InjectedFault } from "./sqlite-storage.ts";

export const START_MS = Date.parse("2026-11-24T10:00:00Z");
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const TARGET: WebhookTarget = {
  type: "webhook",
  url: "https://hooks.example.org/faultline",
  secrets: [SECRET],
  headers: {},
  preset: null,
  params: {},
  templates: null,
};

/** What the receiver does with a request. `crash`: it takes it, and the subscription's object loses its memory before it hears so. */
export type Mood = "take" | "hang" | "refuse" | "crash" | number;

/** A request as the receiver saw it. */
export interface Received {
  readonly id: string;
  readonly at_ms: number;
  readonly mood: Mood;
  readonly kind: string;
  readonly group_key: string;
  /** Incidents it names, as `ID change`. */
  readonly says: readonly string[];
  readonly body: string;
}

interface StandardBody {
  readonly data: {
    readonly kind: string;
    readonly group_key: string;
    readonly items: readonly { readonly change: DeliveredChange; readonly incident: { readonly id: string } }[];
  };
}

const HANG_MS = 10_000;

/** A webhook's receiver, which checks every signature. */
class Receiver {
  readonly all: Received[] = [];
  mood: (id: string) => Mood = () => "take";
  readonly headers = new Headers();
  /** What it says of itself. */
  body = "";
  /** Where it is set, requests are answered when it says so, and as it says. */
  slow: Promise<Mood> | null = null;
  /** False for a target that is no standard webhook: nothing is read of what it gets. */
  checks = true;
  /** Requests under way. */
  open = 0;
  open_max = 0;
  readonly #world: SubscriptionWorld;

  constructor(world: SubscriptionWorld) {
    this.#world = world;
  }

  /** Those that it took. */
  get taken(): readonly Received[] {
    return this.all.filter(
      ({ mood }) => mood === "take" || mood === "crash" || (typeof mood === "number" && mood < 300),
    );
  }

  async take(request: TargetRequest, later: (ms: number, work: () => void) => void): Promise<SentAnswer> {
    const { id, kind, group_key, says } = this.checks ? read(request) : UNREAD;
    const { slow } = this;
    const mood = slow === null ? this.mood(id) : await slow;
    this.all.push({ id, at_ms: this.#world.now_ms, mood, kind, group_key, says, body: request.body });
    this.open += 1;
    this.open_max = Math.max(this.open_max, this.open);
    const { promise, resolve } = Promise.withResolvers<SentAnswer>();
    const answer = (given: SentAnswer): void => {
      this.open -= 1;
      resolve(given);
    };
    if (mood === "hang") later(HANG_MS, () => answer({ failure: `it gave no whole answer within ${HANG_MS} ms` }));
    else if (mood === "refuse") answer({ failure: "the connection failed (connection refused)" });
    else if (mood === "crash") this.#world.crash();
    else answer({ status: mood === "take" ? 200 : mood, headers: this.headers, body: this.body });
    return promise;
  }
}

const UNREAD = { id: "", kind: "", group_key: "", says: [] };

/** Throws where its signature is not the subscription's. */
function read({ headers, body }: TargetRequest): Pick<Received, "id" | "kind" | "group_key" | "says"> {
  // The library's own check asks the clock of the machine, which is not this world's.
  const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
  const signature = new Webhook(SECRET).sign(headers["webhook-id"]!, at, body);
  if (headers["webhook-signature"] !== signature) throw new Error("a request is not signed by the subscription");
  const { kind, group_key, items } = (JSON.parse(body) as StandardBody).data;
  const says = items.map(({ change, incident }) => `${incident.id} ${change}`);
  return { id: headers["webhook-id"]!, kind, group_key, says };
}

/** The Fleet, as far as it has silences. */
class Silences {
  state: "up" | "hanging" | "broken" = "up";
  now: readonly Silence[] = [];
  asked = 0;

  async silences(): Promise<readonly Silence[]> {
    this.asked += 1;
    if (this.state === "hanging") await new Promise(() => undefined);
    if (this.state === "broken") throw new Error("the fleet is down");
    return structuredClone(this.now);
  }
}

export class SubscriptionWorld extends ActorWorld {
  readonly receiver = new Receiver(this);
  readonly fleet = new Silences();
  readonly history = new HistoryTable();
  /** Incidents as their services have them, by id. */
  readonly truth = new Map<string, Incident>();
  /** What the next delays by chance are made of. */
  random = 0;
  actor: SubscriptionActor;
  subscription: StoredSubscription;
  readonly #seqs = new Map<string, number>();
  #life = 0;

  private constructor(subscription: StoredSubscription) {
    super(START_MS);
    this.subscription = subscription;
    this.actor = this.#make();
  }

  /** One that nobody has configured. */
  static bare(wish: Partial<SubscriptionWish> = {}, target: Target = TARGET): SubscriptionWorld {
    return new SubscriptionWorld(subscriptionOf(1, wish, target));
  }

  static async create(wish: Partial<SubscriptionWish> = {}, target: Target = TARGET): Promise<SubscriptionWorld> {
    const world = SubscriptionWorld.bare(wish, target);
    await world.configure();
    return world;
  }

  /** As the Fleet tells it, again until it is heard. */
  async configure(wish: Partial<SubscriptionWish> = {}, target?: Target): Promise<void> {
    const { revision, wish: before, sealed_target } = this.subscription;
    const own = target ?? (JSON.parse(sealed_target) as Target);
    this.subscription = subscriptionOf(revision + 1, { ...before, ...wish }, own);
    await this.#untilHeard(() => this.actor.configure(this.subscription));
  }

  /** Opens an incident, one a service if nothing else is said. */
  open(service: string, changes: Partial<Incident> = {}): Promise<string> {
    const at = formatRfc3339(this.now_ms);
    const id = `${service}-${Math.floor(this.now_ms / 1000)}-error_rate`;
    const own = { id, service, severity: "high" as const, onset_at: at, opened_at: at, updated_at: at };
    return this.#happens("opened", incidentRow({ ...own, ...changes }));
  }

  change(id: string, changes: Partial<Incident>): Promise<string> {
    return this.#happens("updated", { ...this.truth.get(id)!, ...changes, updated_at: formatRfc3339(this.now_ms) });
  }

  resolve(id: string): Promise<string> {
    const at = formatRfc3339(this.now_ms);
    const over = { status: "resolved", resolved_at: at, updated_at: at, resolution: "recovered" } as const;
    return this.#happens("resolved", { ...this.truth.get(id)!, ...over });
  }

  async narrate(id: string, changes: Partial<Narrative> = {}): Promise<void> {
    const { service, severity } = this.truth.get(id)!;
    const by_model = { source: "llm", reason: null, llm_model: "m", latency_ms: 900 };
    const narrative = narrativeRow({ incident_id: id, service, ...by_model, ...changes } as Partial<Narrative>);
    await this.tell(service, [noticeOf({ service, seq: this.#nextSeq(service), severity, narrative })]);
  }

  /** As a service's outbox does: again until it is heard. */
  async tell(service: string, notices: readonly Notice[]): Promise<void> {
    await this.#untilHeard(() => this.actor.take(service, structuredClone(notices), this.fleet.now));
  }

  /** The object loses its memory: timers and requests under way with it. Storage and alarm stay. */
  evict(): void {
    this.crash();
    this.actor = this.storage.unharmed(() => this.#make());
  }

  /** The same while it is in the middle of something: whoever calls it next finds another. */
  crash(): void {
    this.#life += 1;
    this.receiver.open = 0;
    this.loseTimers();
    this.actor = this.storage.unharmed(() => this.#make());
  }

  /** The alarm rings now. */
  override ring(): void {
    this.rings(() => this.actor.onAlarm());
  }

  /** Of an incident, in the order of its changes: `opened: delivered`, `escalated: withheld silence`. */
  ledger(incident_id: string): string[] {
    return this.lines(incident_id).map(({ change, status, reason }) =>
      reason === null ? `${change}: ${status}` : `${change}: ${status} ${reason}`,
    );
  }

  /** As history has them. */
  lines(incident_id: string): Delivery[] {
    const seqOf = ({ id }: Delivery): number => Number(id.split(":")[2]);
    const lines = this.history.of("deliveries").filter((line) => line.incident_id === incident_id);
    return lines.toSorted((a, b) => seqOf(a) - seqOf(b));
  }

  async #happens(action: "opened" | "updated" | "resolved", changed: Incident): Promise<string> {
    const incident = { ...changed, revision: (this.truth.get(changed.id)?.revision ?? 0) + 1 };
    this.truth.set(incident.id, incident);
    const { service } = incident;
    await this.tell(service, [noticeOf({ service, seq: this.#nextSeq(service), action, incident })]);
    return incident.id;
  }

  async #untilHeard(call: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await call();
        return await this.settle();
      } catch (error) {
        if (!(error instanceof InjectedFault)) throw error;
        await this.pass(1_000);
      }
    }
  }

  #nextSeq(service: string): number {
    const seq = (this.#seqs.get(service) ?? 0) + 1;
    this.#seqs.set(service, seq);
    return seq;
  }

  #make(): SubscriptionActor {
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
    return new SubscriptionActor({
      storage: this.storage,
      now: () => this.now_ms,
      random: () => this.random,
      later: this.later,
      background: (work) => void work,
      send: (request) => heard(this.receiver.take(request, (ms, work) => void this.later(ms, work))),
      open: (sealed) => heard(Promise.resolve(JSON.parse(sealed) as Target)),
      links: () => heard(Promise.resolve(null)),
      public_url: "https://faultline.example.org",
      fleet: { silences: () => heard(this.fleet.silences()) },
      history: { write: (rows) => heard(this.history.write(rows)) },
    });
  }
}

export function noticeOf(event: ServiceEvent): Notice {
  const spark = { metric_name: "error_rate" as const, step_s: 2, values: [0.01, null, 0.3] };
  return { event, owner: "payments", links: { runbook: null, traces: null }, spark };
}

/** Here a target is sealed by nothing: with which key it is opened is the adapter's. */
function subscriptionOf(revision: number, wish: Partial<SubscriptionWish>, target: Target): StoredSubscription {
  const at = formatRfc3339(START_MS);
  return {
    id: "sub_0123456789abcdef",
    revision,
    wish: { ...WISH_DEFAULTS, name: "on call", ...wish },
    sealed_target: JSON.stringify(target),
    target: viewOf(target),
    created_at: at,
    changed_at: at,
    changed_by: "admin by token",
  };
}
