/** What a dead-letter topic holds, by reason: counts, services, times and samples. */
import { type Letter, letterTimeMs, serviceOf } from "./letter.ts";
import { letterLine, type LetterLine } from "./letter-line.ts";
import type { BoxCounts, BoxedLetter } from "./letter-box.ts";
import { formatRfc3339 } from "../../domain/rfc3339.ts";

/** Further names are counted under OTHER: what is refused may name anything. */
const SERVICES_MAX = 100;
const OTHER = "other";
const UNNAMED = "none";

export interface ReasonSummary {
  readonly reason: string;
  /** Distinct. */
  readonly letters: number;
  /** Of these, sent back already. */
  readonly replayed: number;
  /** The most first. `none` is where the value names no service. */
  readonly services: readonly { readonly service: string; readonly letters: number }[];
  /** RFC 3339; the record's own time. */
  readonly first: string;
  readonly last: string;
  readonly samples: readonly LetterLine[];
}

export interface BoxSummary extends BoxCounts {
  readonly topic: string;
  readonly letters: number;
  readonly replayed: number;
  /** The most frequent first. */
  readonly reasons: readonly ReasonSummary[];
}

interface Gathered {
  letters: number;
  replayed: number;
  first_ms: number;
  last_ms: number;
  readonly services: Map<string, number>;
  readonly samples: LetterLine[];
}

export class LetterSummary {
  readonly #samples_max: number;
  readonly #reasons = new Map<string, Gathered>();

  constructor(samples_max: number) {
    this.#samples_max = samples_max;
  }

  add({ letter, isReplayed }: BoxedLetter): void {
    const time_ms = letterTimeMs(letter);
    const gathered = this.#gathered(letter.reason, time_ms);
    gathered.letters += 1;
    gathered.replayed += isReplayed ? 1 : 0;
    gathered.first_ms = Math.min(gathered.first_ms, time_ms);
    gathered.last_ms = Math.max(gathered.last_ms, time_ms);
    countService(gathered.services, letter);
    // What still waits is what a reader has to mend.
    if (!isReplayed && gathered.samples.length < this.#samples_max) gathered.samples.push(letterLine(letter));
  }

  summary(topic: string, counts: BoxCounts): BoxSummary {
    const reasons = [...this.#reasons]
      .map(([reason, gathered]): ReasonSummary => {
        const { letters, replayed, first_ms, last_ms, samples } = gathered;
        const services = [...gathered.services]
          .map(([service, count]) => ({ service, letters: count }))
          .toSorted((a, b) => b.letters - a.letters);
        const [first, last] = [timeText(first_ms), timeText(last_ms)];
        return { reason, letters, replayed, services, first, last, samples };
      })
      .toSorted((a, b) => b.letters - a.letters);
    const sum = (of: (reason: ReasonSummary) => number): number => reasons.reduce((total, each) => total + of(each), 0);
    return { topic, letters: sum((r) => r.letters), replayed: sum((r) => r.replayed), ...counts, reasons };
  }

  #gathered(reason: string, time_ms: number): Gathered {
    const known = this.#reasons.get(reason);
    if (known !== undefined) return known;
    const services = new Map<string, number>();
    const gathered = { letters: 0, replayed: 0, first_ms: time_ms, last_ms: time_ms, services, samples: [] };
    this.#reasons.set(reason, gathered);
    return gathered;
  }
}

function countService(services: Map<string, number>, letter: Letter): void {
  const named = serviceOf(letter.value) ?? UNNAMED;
  const service = services.has(named) || services.size < SERVICES_MAX ? named : OTHER;
  services.set(service, (services.get(service) ?? 0) + 1);
}

/** A record may claim any time. */
function timeText(time_ms: number): string {
  try {
    return formatRfc3339(time_ms);
  } catch {
    // Only the years 0 to 9999 can be written; beyond them the number says more than nothing.
    return String(time_ms);
  }
}
