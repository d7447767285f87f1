/**
 * What it means that nothing comes from a service. Silence closes no second: it is the clock that passes. Once as many empty
 * seconds have passed as would prove that requests are missing, somebody who hears the others is asked whether the way to here
 * is whole. If it is, the service is down. If it is not, nobody knows what the service does: those seconds are unheard, and are
 * not held against it when they close as empty ones.
 */
import type { Detectors } from "./detectors.ts";
import type { Finding } from "./finding.ts";
import type { TrackerState } from "./incident-tracker.ts";
import type { ServiceSettings } from "./settings.ts";
import { lastReceivedMs, newestEventMs, type WatermarkState } from "./watermark.ts";

/** Whether events get here: `unknown` where nobody could be asked, or nobody can say. */
export type PipelineVerdict = "flowing" | "stalled" | "unknown";

/** What comes of a service now. `silent`: nothing, and the service is why or nobody asked; `stalled`: the pipeline is why. */
export type DataFlow = "flowing" | "silent" | "stalled";

/** Event seconds, `from` to before `to`; null while it lasts. */
export interface UnheardSpan {
  readonly from: number;
  readonly to: number | null;
}

/** JSON-serialisable; immutable. */
export interface Silence {
  /** Newest last. */
  readonly unheard: readonly UnheardSpan[];
  /** The clock (ms) at which a pipeline was found whole that had been broken: silence counts from there. Null without that. */
  readonly whole_since_ms: number | null;
  /** The clock's second at which the service was declared down; null again once its own seconds have come so far. */
  readonly down_second: number | null;
}

export const INITIAL_SILENCE: Silence = { unheard: [], whole_since_ms: null, down_second: null };

/** Spans that are remembered: they lie ahead of what is closed, and data between them ends what lay before. */
const SPANS_MAX = 16;
/** However fast requests were: with less, a batch that a bridge repeats would already look like the end of the service. */
const SILENCE_S_MIN = 10;
/** Nothing for this long is called silence. As long as a bridge may be without a heartbeat. */
const SILENT_MS = 15_000;
/** A service that has been down for this long is not coming back. */
const RETIRE_MS = 86_400_000;

/** The parts of a service's state that silence is judged by. */
export interface SilenceFacts {
  readonly silence: Silence;
  readonly settings: ServiceSettings;
  readonly quarantined: boolean;
  readonly tracker: TrackerState;
  readonly detectors: Detectors;
  readonly watermark: WatermarkState;
}

/** The clock (ms) at which silence would prove that the service is down; null where it proves nothing, or nothing new. */
export function downDue(facts: SilenceFacts): number | null {
  const { silence, settings, tracker, detectors, watermark } = facts;
  // What is refused says nothing, nor does its absence.
  if (facts.quarantined) return null;
  if (silence.down_second !== null || tracker.muted.includes("request_rate")) return null;
  if (!settings.detectors.includes("sequential")) return null;
  const received_ms = lastReceivedMs(watermark);
  if (received_ms === null) return null;
  const missing_s = detectors.silenceDue();
  if (missing_s === null) return null;
  return Math.max(received_ms, silence.whole_since_ms ?? received_ms) + Math.max(missing_s, SILENCE_S_MIN) * 1000;
}

/** The clock (ms) at which a service that is down is taken for retired; null while it is not, or has no incident. */
export function retireDue({ silence, tracker }: Pick<SilenceFacts, "silence" | "tracker">): number | null {
  if (silence.down_second === null || tracker.incident?.status !== "open") return null;
  return silence.down_second * 1000 + RETIRE_MS;
}

/** The first event second in which nothing came, as far as is known. */
export function silentSince({ silence, watermark }: Pick<SilenceFacts, "silence" | "watermark">): number {
  const first = Math.floor((newestEventMs(watermark) ?? 0) / 1000) + 1;
  return Math.max(first, Math.floor((silence.whole_since_ms ?? 0) / 1000));
}

/** Events came at `now_ms`: what lies before may still be missing, what comes after is heard. */
export function afterData(silence: Silence, now_ms: number, open_second: number | null): Silence {
  if (silence.unheard.length === 0 && silence.whole_since_ms === null) return silence;
  const now = Math.floor(now_ms / 1000);
  const unheard = silence.unheard
    .map((span) => ({ from: span.from, to: span.to ?? now }))
    .filter((span) => open_second === null || span.to > open_second);
  return { ...silence, unheard, whole_since_ms: null };
}

/** The pipeline is found broken, and may have been since the last event. */
export function afterStall({ silence, watermark }: Pick<SilenceFacts, "silence" | "watermark">): Silence {
  if (isStalled(silence)) return silence;
  const from = Math.floor((newestEventMs(watermark) ?? 0) / 1000) + 1;
  const unheard = [...silence.unheard, { from, to: null }].slice(-SPANS_MAX);
  return { ...silence, unheard, whole_since_ms: null };
}

/** The pipeline that was broken is whole again at `now_ms`, and the service says nothing yet. */
export function afterStallEnded(silence: Silence, now_ms: number): Silence {
  const now = Math.floor(now_ms / 1000);
  const unheard = silence.unheard.map((span) => ({ from: span.from, to: span.to ?? now }));
  return { ...silence, unheard, whole_since_ms: now_ms };
}

/** It is not known that the pipeline is whole again. */
export function isStalled({ unheard }: Silence): boolean {
  return unheard.at(-1)?.to === null;
}

/** Whether nobody can have heard of that second. */
export function isUnheard({ unheard }: Silence, second: number): boolean {
  return unheard.some(({ from, to }) => second >= from && (to === null || second < to));
}

export function dataFlow(
  { silence, watermark }: Pick<SilenceFacts, "silence" | "watermark">,
  now_ms: number,
): DataFlow {
  if (isStalled(silence)) return "stalled";
  const received_ms = lastReceivedMs(watermark);
  return received_ms !== null && now_ms - received_ms <= SILENT_MS ? "flowing" : "silent";
}

/** What the clock has declared is not ended by a second before it: the traffic test has yet to see the silence. */
export function withDeclared(
  findings: readonly Finding[],
  { down_second }: Silence,
  second: number,
): readonly Finding[] {
  if (down_second === null || second > down_second) return findings;
  const isQuiet = ({ metric_name, reason }: Finding): boolean =>
    metric_name === "request_rate" && reason !== "above_threshold";
  return findings.map((finding) => (isQuiet(finding) ? { ...finding, reason: "between" } : finding));
}
