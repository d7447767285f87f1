/** How words reach a service's object: again and again until it takes them, or says that nobody waits for them. */
import type { Evidence } from "../domain/evidence.ts";
import { narrativeDraft } from "../domain/narrative-draft.ts";
import type { NarrativeSource, TemplateReason } from "../domain/narrative.ts";
import type { ModelPort, NarratedPort, NarrativeDraft, NarrativeVerdict } from "../domain/narrator.ts";
import { templateStory } from "../domain/template-narrative.ts";
import { backoffMs } from "./backoff.ts";
import type { Job } from "./narrator-job.ts";
import type { NarratorStore } from "./narrator-sql.ts";
import { inTime, type Later } from "./tell-services.ts";

const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;
/** How often what is done is pruned at most; with nothing done there is nothing to prune. */
const PRUNE_MS = 3_600_000;
/** Reasons that are the model's. */
const MODEL_REASONS: ReadonlySet<TemplateReason> = new Set(["writing", "ungrounded", "unavailable"]);

export interface DeliveryPorts {
  readonly now: () => number;
  readonly later: Later;
  readonly monitors: NarratedPort;
  readonly model: { readonly port: Pick<ModelPort, "name"> } | null;
}

export class NarratorDelivery {
  readonly #ports: DeliveryPorts;
  readonly #store: NarratorStore;
  #prune_ms = 0;

  constructor(ports: DeliveryPorts, store: NarratorStore) {
    this.#ports = ports;
    this.#store = store;
  }

  /** Tells the template with this reason. `is_last`: no other words will follow. */
  async tell(job: Job, reason: TemplateReason, is_last: boolean): Promise<void> {
    const evidence = this.#store.evidence(job);
    if (evidence === null) return;
    const verdict = await this.takes(job, this.template(evidence, reason));
    if (verdict === null) return;
    if (is_last || verdict !== "taken") this.finish(job);
    else this.#store.told(job, reason);
  }

  /** Delivers the last words that are stored. */
  async deliver(job: Job): Promise<void> {
    const draft = this.#store.draft(job);
    if (draft !== null && (await this.takes(job, draft)) !== null) this.finish(job);
  }

  template(evidence: Evidence, reason: TemplateReason): NarrativeDraft {
    // Named where it has to do with the reason: other words must be the very ones that the service's object tells by itself.
    const llm_model = MODEL_REASONS.has(reason) ? (this.#ports.model?.port.name ?? null) : null;
    const source: NarrativeSource = { source: "template", reason, llm_model, latency_ms: null };
    return narrativeDraft(evidence, templateStory(evidence), source, this.#ports.now());
  }

  /** Null where the service's object does not answer: it is asked again later. */
  async takes(job: Job, draft: NarrativeDraft): Promise<NarrativeVerdict | null> {
    const { later, monitors, now } = this.#ports;
    try {
      return await inTime(later, monitors.takeNarrative(job.service, draft), job.service);
    } catch (error) {
      const wait_ms = backoffMs(job.tell_failures + 1, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
      console.warn(`${job.service} took no words, next attempt in ${wait_ms} ms`, error);
      this.#store.tellAgain(job, now() + wait_ms);
      return null;
    }
  }

  /** Nothing more is to be written of this version. */
  finish(job: Job): void {
    const now_ms = this.#ports.now();
    this.#store.finish(job, now_ms);
    if (now_ms < this.#prune_ms) return;
    this.#store.prune(now_ms);
    this.#prune_ms = now_ms + PRUNE_MS;
  }
}
