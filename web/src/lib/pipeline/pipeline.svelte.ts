/** What the pipeline's page has read: all of it each few seconds while somebody looks, and the kept minutes of the last hour once each. */
import { clock } from "../clock.svelte.ts";
import { getJson } from "../http.ts";
import { hourOf } from "./pipeline-hour.ts";
import type { PipelineCheck, PipelineHour, Readings } from "./pipeline-check.ts";
import { pipelineChecks } from "./pipeline-checks.ts";
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import { MINUTE_MS, type PipelineReading } from "../../../../domain/pipeline-reading.ts";
import type { Page } from "../../../../domain/resource.ts";

const LOOK_EVERY_MS = 5000;
/** What the page saw itself, which the minutes do not have: since when parts do not answer it. */
const SEEN_MS = 10 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;

export class PipelineView {
  /** What was read last, with the hour; null before the first. */
  hour: PipelineHour | null = $state.raw(null);
  checks: readonly PipelineCheck[] = $state.raw([]);
  /** Why it could not be read the last time; null where it could. */
  trouble: string | null = $state(null);

  #readings: Readings = [];
  #minutes: readonly PipelineReading[] = [];

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
    await this.#catchUp(answer.value, now_ms);
    this.#readings = [...this.#readings.filter(({ at }) => now_ms - Date.parse(at) < SEEN_MS), answer.value];
    const hour = hourOf(this.#readings, this.#minutes);
    this.checks = pipelineChecks(hour);
    this.hour = hour;
  }

  /** Asks for the minutes that were read since, if there are any: once a minute. */
  async #catchUp({ fleet }: PipelineItem, now_ms: number): Promise<void> {
    const newest = fleet?.readings.newest ?? null;
    const held = this.#minutes.at(-1)?.minute ?? null;
    if (newest === null || newest === held) return;
    const from_ms = Math.max(now_ms - HOUR_MS - MINUTE_MS, held === null ? 0 : Date.parse(held) + MINUTE_MS);
    const from = new Date(from_ms).toISOString();
    const answer = await getJson<Page<PipelineReading>>(`/v1/pipeline/readings?from=${from}`);
    if (!answer.ok) {
      this.trouble = answer.detail;
      return;
    }
    const kept = this.#minutes.filter(({ minute }) => Date.parse(minute) >= now_ms - HOUR_MS - MINUTE_MS);
    this.#minutes = [...kept, ...answer.value.items];
  }
}
