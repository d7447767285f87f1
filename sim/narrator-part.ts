/**
 * The Narrator: takes evidence and brings words to the service's object as the real one does, first that it writes, then the outcome;
 * late, repeated, and until they are answered. What it would write is made up: here only the way counts.
 */
import type { Evidence } from "../domain/evidence.ts";
import type { NarrativeSource } from "../domain/narrative.ts";
import { narrativeDraft } from "../domain/narrative-draft.ts";
import type { NarrationRequest, NarrativeDraft, NarrativeVerdict, NarratorPort } from "../domain/narrator.ts";
import { templateStory } from "../domain/template-narrative.ts";
import type { Surroundings } from "./surroundings.ts";

const MODEL = "made-up";
const THINKS_MS_MAX = 8_000;
const GHOST_MS_MAX = 20_000;
const RETRY_MS = 2_000;

type Deliver = (draft: NarrativeDraft) => Promise<NarrativeVerdict>;

export class NarratorPart {
  /** By incident the words that its object took last of all. */
  readonly taken = new Map<string, NarrativeDraft>();
  readonly #surroundings: Surroundings;
  /** By incident the newest version that was asked for, and by service the newest call. */
  readonly #newest = new Map<string, number>();
  readonly #arrived = new Map<string, number>();
  #calls = 0;
  /** Incidents that are being put into words. */
  #open = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  get isDone(): boolean {
    return this.#open === 0;
  }

  /** As one service's object reaches it; `deliver`: the way back. */
  of(service: string, deliver: Deliver): NarratorPort {
    return {
      narrate: (requests) => {
        this.#calls += 1;
        const number = this.#calls;
        const take = async (): Promise<void> => this.#take(service, number, requests, deliver);
        return this.#surroundings.network.call({ part: "narrator", late: true }, take);
      },
    };
  }

  #take(service: string, number: number, requests: readonly NarrationRequest[], deliver: Deliver): void {
    // A call that its sender gave up on may be overtaken by the next one.
    const isInTurn = number > (this.#arrived.get(service) ?? 0);
    if (isInTurn) this.#arrived.set(service, number);
    for (const { evidence } of requests) {
      const { incident_id, version } = evidence;
      const newest = this.#newest.get(incident_id) ?? 0;
      const { invariants } = this.#surroundings;
      const where = `narrator, ${incident_id}`;
      if (isInTurn) invariants.holds("outbox_drains_in_order", where, version >= newest, `${newest} or newer`, version);
      if (version <= newest) continue;
      this.#newest.set(incident_id, version);
      this.#open += 1;
      void this.#write(evidence, deliver).then(() => (this.#open -= 1));
    }
  }

  async #write(evidence: Evidence, deliver: Deliver): Promise<void> {
    const { dice, scheduler } = this.#surroundings;
    const outcome: NarrativeSource = dice.chance(0.5)
      ? { source: "llm", reason: null, llm_model: MODEL, latency_ms: 1_000 }
      : { source: "template", reason: "ungrounded", llm_model: MODEL, latency_ms: null };
    const begun: NarrativeSource = { source: "template", reason: "writing", llm_model: MODEL, latency_ms: null };
    for (const source of [begun, outcome]) {
      await scheduler.sleep(dice.whole(1, THINKS_MS_MAX));
      const draft = narrativeDraft(evidence, templateStory(evidence), source, scheduler.now_ms);
      if ((await this.#bring(draft, deliver)) !== "taken") return;
    }
  }

  /** Until it is answered; sometimes once more, later. */
  async #bring(draft: NarrativeDraft, deliver: Deliver): Promise<NarrativeVerdict> {
    const { dice, scheduler, network, trace } = this.#surroundings;
    const attempt = (): Promise<NarrativeVerdict> => network.call({ late: true }, () => deliver(draft));
    for (;;) {
      try {
        const verdict = await attempt();
        trace(`narrator: ${draft.incident_id} version ${draft.version} ${draft.reason ?? draft.source} ${verdict}`);
        if (verdict === "taken") this.taken.set(draft.incident_id, draft);
        // A call that was given up and repeated may come after those that followed it.
        if (dice.chance(network.chaos.duplicate))
          scheduler.after(dice.whole(1, GHOST_MS_MAX), () => void attempt().catch(() => undefined));
        return verdict;
      } catch {
        await scheduler.sleep(RETRY_MS);
      }
    }
  }
}
