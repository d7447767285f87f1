/** The stretches of time of which the page knows all there is. What is not held within them did not happen. */
import type { Span } from "./span.ts";

export class KnownSpans {
  /** Ascending, and never touching. */
  #spans: Span[] = [];

  add(from: number, until: number): void {
    if (from >= until) return;
    const apart = this.#spans.filter((span) => span.until < from || span.from > until);
    const met = this.#spans.filter((span) => span.until >= from && span.from <= until);
    const joined = {
      from: Math.min(from, ...met.map((span) => span.from)),
      until: Math.max(until, ...met.map((span) => span.until)),
    };
    this.#spans = [...apart, joined].toSorted((a, b) => a.from - b.from);
  }

  remove(from: number, until: number): void {
    if (from >= until) return;
    this.#spans = this.#spans.flatMap((span) => {
      const left = { from: span.from, until: Math.min(span.until, from) };
      const right = { from: Math.max(span.from, until), until: span.until };
      return [left, right].filter((part) => part.from < part.until);
    });
  }

  has(at: number): boolean {
    return this.#spans.some((span) => at >= span.from && at < span.until);
  }

  /** The end of the stretch that holds `at`; `at` itself where none does. */
  endFrom(at: number): number {
    return this.#spans.find((span) => at >= span.from && at < span.until)?.until ?? at;
  }

  /** The first stretch from `from` to before `until` that is not known; null where all of it is. */
  firstMissing(from: number, until: number): Span | null {
    const start = this.endFrom(from);
    if (start >= until) return null;
    const next = this.#spans.find((span) => span.from > start)?.from ?? until;
    return { from: start, until: Math.min(next, until) };
  }
}
