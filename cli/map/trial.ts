/** What Faultline would make of a sample under a mapping, by the rules of events themselves. */
import { Buffer } from "node:buffer";
import { type Arrival, parseEvent, type RejectReason, type RequestEvent } from "../../domain/event.ts";
import { type Mapping, mapMessage } from "./mapping.ts";
import type { Message } from "./sample.ts";

/** A sample has no records: comparisons with NaN are false, so that no date is too far ahead or behind. */
const ANY_DATE: Arrival = { timestamp_ms: 0, plain: false, clock_ms: Number.NaN };
const SAMPLE_LENGTH_MAX = 300;
const SERVICES_MAX = 2000;

export interface Rejected {
  readonly reason: RejectReason;
  readonly messages: number;
  readonly samples: readonly { readonly number: number; readonly message: string; readonly event: string }[];
}

export interface Trial {
  readonly messages: number;
  readonly accepted: number;
  /** The most frequent first. */
  readonly rejected: readonly Rejected[];
  /** Of the accepted ones; the most frequent first. */
  readonly services: readonly { readonly service: string; readonly messages: number }[];
  /** Of the accepted ones, ms since 1970; null where there are none. */
  readonly first_ms: number | null;
  readonly last_ms: number | null;
  /** Of the accepted ones; null where there are none. */
  readonly latency_p50_ms: number | null;
  readonly latency_max_ms: number | null;
  /** The first accepted ones, as sent. */
  readonly samples: readonly string[];
}

export function tryMapping(mapping: Mapping, messages: readonly Message[], samples_max: number): Trial {
  const rejected = new Map<RejectReason, { messages: number; samples: Rejected["samples"][number][] }>();
  const services = new Map<string, number>();
  const events: RequestEvent[] = [];
  const samples: string[] = [];
  for (const { number, bytes } of messages) {
    const event = mapMessage(mapping, bytes);
    const verdict = parseEvent(event, ANY_DATE);
    if (verdict.ok) {
      events.push(verdict.event);
      const { service } = verdict.event;
      if (services.has(service) || services.size < SERVICES_MAX)
        services.set(service, (services.get(service) ?? 0) + 1);
      if (samples.length < samples_max) samples.push(textOf(event));
      continue;
    }
    const gathered = rejected.get(verdict.reason) ?? { messages: 0, samples: [] };
    rejected.set(verdict.reason, gathered);
    gathered.messages += 1;
    if (gathered.samples.length < samples_max)
      gathered.samples.push({ number, message: textOf(bytes), event: textOf(event) });
  }
  const latencies = events.map(({ latency_us }) => latency_us / 1000).toSorted((a, b) => a - b);
  const times = events.map(({ event_time_ms }) => event_time_ms).toSorted((a, b) => a - b);
  return {
    messages: messages.length,
    accepted: events.length,
    rejected: [...rejected]
      .map(([reason, gathered]) => ({ reason, ...gathered }))
      .toSorted((a, b) => b.messages - a.messages),
    services: [...services]
      .map(([service, count]) => ({ service, messages: count }))
      .toSorted((a, b) => b.messages - a.messages),
    first_ms: times[0] ?? null,
    last_ms: times.at(-1) ?? null,
    latency_p50_ms: latencies[Math.floor(latencies.length / 2)] ?? null,
    latency_max_ms: latencies.at(-1) ?? null,
    samples,
  };
}

function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("utf8");
  return text.length > SAMPLE_LENGTH_MAX ? `${text.slice(0, SAMPLE_LENGTH_MAX)}…` : text;
}
