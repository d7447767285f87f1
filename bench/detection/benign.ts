/** What happens on an ordinary day and is nobody's fault: whoever is woken for it turns the alarm off. */
import type { Random } from "../../generator/random.ts";
import type { Effect } from "./effect.ts";

const DAY_S = 86_400;

interface BenignKind {
  readonly label: string;
  readonly per_day: number;
  /** Shortest and longest, s. */
  readonly duration_s: readonly [number, number];
  readonly effect: Omit<Effect, "from_s" | "to_s">;
}

const KINDS: readonly BenignKind[] = [
  // Pauses of a garbage collector.
  { label: "gc", per_day: 20, duration_s: [1, 3], effect: { latency_factor: 3 } },
  // A connection pool or a dependency hiccups.
  { label: "blip", per_day: 10, duration_s: [1, 3], effect: { error_share: 0.1 } },
  // A deploy: cold caches and a few refused requests.
  { label: "deploy", per_day: 3, duration_s: [20, 20], effect: { latency_factor: 1.5, error_share: 0.005 } },
  // A bot tries addresses.
  { label: "bots", per_day: 2, duration_s: [15, 15], effect: { error_share: 0.03 } },
  // A mailing goes out.
  { label: "burst", per_day: 2, duration_s: [300, 300], effect: { rate_factor: 3 } },
];

/** Events between the two times, each kind as a Poisson process of its rate. */
export function benignEvents(random: Random, from_s: number, to_s: number): Effect[] {
  return KINDS.flatMap(({ label, per_day, duration_s: [shortest, longest], effect }) => {
    const events: Effect[] = [];
    const gap_s = DAY_S / per_day;
    for (let at_s = from_s + random.exponential(gap_s); at_s < to_s; at_s += random.exponential(gap_s)) {
      const from = Math.floor(at_s);
      const length_s = shortest + random.index(longest - shortest + 1);
      if (from + length_s <= to_s) events.push({ ...effect, label, from_s: from, to_s: from + length_s });
    }
    return events;
  });
}
