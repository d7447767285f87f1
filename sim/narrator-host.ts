/** The object of the Narrator: its actor, with what `narrator-object.ts` does around it, before a model that is slow, wrong or not there. */
import type { ModelAnswer, ModelPort, NarratedPort, NarrationRequest, NarratorPort } from "../domain/narrator.ts";
import { NarratorActor } from "../durable-objects/narrator.ts";
import { NarratorStore } from "../durable-objects/narrator-sql.ts";
import type { Storage } from "../durable-objects/storage.ts";
import { rightAnswer, WRONG_ANSWER } from "../tests/narrator-harness.ts";
import type { FleetHost } from "./fleet-host.ts";
import { ObjectHost } from "./object-host.ts";
import type { Surroundings } from "./surroundings.ts";

const THINKS_MS_MAX = 8_000;
const GHOST_MS_MAX = 20_000;
const MODEL = { timeout_ms: 20_000, call_tokens: 4_096 };
const DAILY_TOKENS = 10_000_000;

interface NarratorParts {
  readonly fleet: Pick<ReturnType<FleetHost["port"]>, "neighbours">;
  readonly monitors: NarratedPort;
}

export class NarratorHost extends ObjectHost<NarratorActor> {
  readonly #parts: NarratorParts;
  /** By incident the newest version that was asked for, and by service the newest call. */
  readonly #newest = new Map<string, number>();
  readonly #arrived = new Map<string, number>();
  #calls = 0;

  constructor(surroundings: Surroundings, parts: NarratorParts) {
    super("narrator", surroundings);
    this.#parts = parts;
  }

  /** As one service's object reaches it. */
  port(service: string): NarratorPort {
    return {
      narrate: (requests) => {
        this.#calls += 1;
        const number = this.#calls;
        return this.surroundings.network.call({ part: "narrator", late: true }, async () => {
          this.#check(service, number, requests);
          await this.call((actor) => actor.narrate(requests));
        });
      },
    };
  }

  /** Whether all words are final. */
  get isDone(): boolean {
    return !this.hasWork();
  }

  protected make(storage: Storage): NarratorActor {
    const { scheduler, dice } = this.surroundings;
    return new NarratorActor({
      storage,
      now: () => scheduler.now_ms,
      random: () => dice.unit(),
      later: (delay_ms, work) => this.later(delay_ms, work),
      background: (work) => this.background(work),
      fleet: this.#parts.fleet,
      // Of a stream of seconds nothing is long past.
      past: { alike: () => this.surroundings.network.call({ part: "d1" }, () => Promise.resolve([])) },
      monitors: { takeNarrative: (service, draft) => this.#deliver(service, draft) },
      problem: null,
      model: { port: this.#model(), ...MODEL },
      daily_tokens: DAILY_TOKENS,
      keeper: null,
    });
  }

  protected ring(actor: NarratorActor): void {
    actor.onAlarm();
  }

  protected afterwards(): void {
    // The actor starts its slow work itself.
  }

  /** Calls under way live in memory alone. */
  protected view(actor: NarratorActor): unknown {
    const { running: _calls, ...kept } = actor.status();
    return kept;
  }

  protected hasWork(): boolean {
    return this.storage.unharmed(() => new NarratorStore(this.storage).count()) > 0;
  }

  /** A call that was given up and repeated may come after those that followed it. */
  #deliver(...[service, draft]: Parameters<NarratedPort["takeNarrative"]>): ReturnType<NarratedPort["takeNarrative"]> {
    const { dice, scheduler, network } = this.surroundings;
    const attempt = () => network.call({ late: true }, () => this.#parts.monitors.takeNarrative(service, draft));
    if (dice.chance(network.chaos.duplicate))
      scheduler.after(dice.whole(1, GHOST_MS_MAX), () => void attempt().catch(() => undefined));
    return attempt();
  }

  #model(): ModelPort {
    const { dice, scheduler, network } = this.surroundings;
    return {
      name: "made-up",
      ask: (evidence, repair, signal) => {
        const { promise, resolve, reject } = Promise.withResolvers<ModelAnswer>();
        const latency_ms = dice.whole(100, THINKS_MS_MAX);
        const [fails, text] = [
          dice.chance(network.chaos.request_lost * 3),
          // Whoever was wrong once is likely to be again.
          dice.chance(repair === null ? 0.5 : 0.8) ? WRONG_ANSWER : rightAnswer(evidence),
        ];
        signal.addEventListener("abort", () => reject(signal.reason));
        scheduler.after(latency_ms, () => {
          if (fails) reject(new Error("connection refused"));
          else resolve({ text, tokens: 900, latency_ms });
        });
        return promise;
      },
    };
  }

  #check(service: string, number: number, requests: readonly NarrationRequest[]): void {
    // A call that its sender gave up on may be overtaken by the next one.
    const isInTurn = number > (this.#arrived.get(service) ?? 0);
    if (!isInTurn) return;
    this.#arrived.set(service, number);
    for (const { evidence } of requests) {
      const { incident_id, version } = evidence;
      const newest = this.#newest.get(incident_id) ?? 0;
      const { invariants } = this.surroundings;
      const where = `narrator, ${incident_id}`;
      invariants.holds("outbox_drains_in_order", where, version >= newest, `${newest} or newer`, version);
      this.#newest.set(incident_id, Math.max(version, newest));
    }
  }
}
