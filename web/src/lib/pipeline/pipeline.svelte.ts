/** What the pipeline's page has read: a reading each few seconds while somebody looks, of the last hour at most. */
import { clock } from "../clock.svelte.ts";
import { getJson } from "../http.ts";
import type { PipelineCheck } from "./pipeline-check.ts";
import { pipelineChecks } from "./pipeline-checks.ts";
import type { SparkSample } from "../sparkline.ts";
import type { PipelineItem } from "../../../../domain/pipeline.ts";

const LOOK_EVERY_MS = 5000;
const KEPT_MS = 3_600_000;

export class PipelineView {
  /** The newest reading; null before the first. */
  now: PipelineItem | null = $state.raw(null);
  checks: readonly PipelineCheck[] = $state.raw([]);
  /** By the name of a check: its number in each reading, the oldest first. */
  samples: ReadonlyMap<string, readonly SparkSample[]> = $state.raw(new Map());
  /** Why it could not be read the last time; null where it could. */
  trouble: string | null = $state(null);

  #readings: readonly PipelineItem[] = [];

  /** When the page began to look, epoch ms; null before the first reading. */
  get since_ms(): number | null {
    void this.now;
    return this.#readings[0] === undefined ? null : Date.parse(this.#readings[0].at);
  }

  /** Looks until the returned function is called; a page that nobody sees costs no call. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = async () => {
      if (document.visibilityState === "visible") await this.look();
      if (!over) timer = setTimeout(() => void look(), LOOK_EVERY_MS);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }

  async look(): Promise<void> {
    const answer = await getJson<PipelineItem>("/v1/pipeline");
    this.trouble = answer.ok ? null : answer.detail;
    if (!answer.ok) return;
    const now_ms = Date.parse(answer.value.at);
    clock.reach(now_ms);
    this.#readings = [...this.#readings.filter(({ at }) => now_ms - Date.parse(at) < KEPT_MS), answer.value];
    this.checks = pipelineChecks(this.#readings);
    this.samples = new Map(this.checks.map((check) => [check.name, this.#withSample(check, now_ms / 1000)]));
    this.now = answer.value;
  }
  #withSample({ name, value }: PipelineCheck, at: number): readonly SparkSample[] {
    const kept = (this.samples.get(name) ?? []).filter((sample) => at - sample.at < KEPT_MS / 1000);
    return [...kept, { at, value }];
  }
}
