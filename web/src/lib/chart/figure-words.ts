/** The words around the three figures of a service, the same wherever one of them has a chart. */
import { formatMilliseconds, formatNumber, formatPercent, formatRate } from "../format/number.ts";
import type { FigureName } from "../severity.ts";

/** What they are read from: a service now, or a point. */
export interface FigureValues {
  readonly request_rate: number;
  readonly error_rate: number | null;
  readonly p95_latency_ms: number | null;
}

export interface FigureWords {
  /** As a chart of one line is titled. */
  readonly title: string;
  readonly unit: string;
  readonly text: (values: FigureValues | null) => string;
  /** What it is, before the span that it is of. */
  readonly about: string;
  /** A value of the chart's scale. */
  readonly tick: (value: number) => string;
}

export const FIGURES: Readonly<Record<FigureName, FigureWords>> = {
  rate: {
    title: "requests",
    unit: "/s",
    text: (values) => formatRate(values?.request_rate ?? null),
    about: "Requests per second",
    tick: (value) => formatNumber(value, value % 1 === 0 ? 0 : 1),
  },
  errors: {
    title: "errors",
    unit: "%",
    text: (values) => formatPercent(values?.error_rate ?? null),
    about: "Share of failed requests",
    tick: (value) => formatNumber(value * 100, value > 0 && value < 0.05 ? 1 : 0),
  },
  latency: {
    title: "p95",
    unit: "ms",
    text: (values) => formatMilliseconds(values?.p95_latency_ms ?? null),
    about: "95 of 100 requests were at most this slow,",
    tick: (value) => formatNumber(value, value % 1 === 0 ? 0 : 1),
  },
};
