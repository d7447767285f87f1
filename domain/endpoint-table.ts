/**
 * Which 50 endpoints of a service are told apart: the heaviest, with ageing; the rest count as `other`.
 *
 * Endpoints outside the table are watched by a Space-Saving summary (Metwally, Agrawal, El Abbadi, "Efficient Computation of
 * Frequent and Top-k Elements in Data Streams", ICDT 2005) and enter when what they surely had outweighs the lightest in the
 * table. So a flood of ever new paths, which only inherit each other's counts, never displaces an endpoint that is used.
 */

export const ENDPOINTS_MAX = 50;
const CANDIDATES_MAX = 50;
/** A weight halves in ten minutes: an endpoint that is no longer called makes room within the hour. */
const HALF_LIFE_S = 600;

interface Weight {
  /** Requests, decayed to `at_s`. */
  value: number;
  /** How much of it may have been inherited from the candidate it replaced; 0 in the table. */
  inherited: number;
  at_s: number;
}

/** Changes in place. */
export class EndpointTable {
  readonly #kept: Map<string, Weight>;
  readonly #candidates: Map<string, Weight>;
  /** The names of the table until they change: they are asked for several times a second. */
  #names: ReadonlySet<string> | null = null;

  constructor(kept: Iterable<[string, Weight]> = [], candidates: Iterable<[string, Weight]> = []) {
    this.#kept = new Map([...kept].map(([name, weight]) => [name, { ...weight }]));
    this.#candidates = new Map([...candidates].map(([name, weight]) => [name, { ...weight }]));
  }

  /** Those that are told apart now; a later change makes a new set. */
  get names(): ReadonlySet<string> {
    return (this.#names ??= new Set(this.#kept.keys()));
  }

  /** Counts one closed second. Call it in order of time; the order of the names does not matter for those in the table. */
  observe(second: number, counts: readonly { readonly name: string; readonly request_count: number }[]): void {
    const strangers: { name: string; request_count: number }[] = [];
    for (const { name, request_count } of counts) {
      const weight = this.#kept.get(name);
      if (weight !== undefined) {
        weight.value = decayed(weight, second) + request_count;
        weight.at_s = second;
      } else strangers.push({ name, request_count });
    }
    if (strangers.length === 0) return;
    // Strangers compete for places: heaviest first and by name, so that the outcome does not depend on the order of arrival.
    strangers.sort((a, b) => b.request_count - a.request_count || (a.name < b.name ? -1 : 1));
    for (const { name, request_count } of strangers) this.#admit(second, name, request_count);
  }

  #admit(second: number, name: string, request_count: number): void {
    if (this.#kept.size < ENDPOINTS_MAX) {
      this.#names = null;
      this.#kept.set(name, { value: request_count, inherited: 0, at_s: second });
      return;
    }
    const candidate = this.#countCandidate(second, name, request_count);
    const [lightest, weight] = lightestOf(this.#kept, second);
    const certain = candidate.value - candidate.inherited;
    if (certain <= decayed(weight, second)) return;
    this.#names = null;
    this.#kept.delete(lightest);
    this.#candidates.delete(name);
    this.#kept.set(name, { value: certain, inherited: 0, at_s: second });
  }

  #countCandidate(second: number, name: string, request_count: number): Weight {
    const known = this.#candidates.get(name);
    let inherited = known === undefined ? 0 : known.inherited * decay(second - known.at_s);
    let value = known === undefined ? 0 : decayed(known, second);
    if (known === undefined && this.#candidates.size >= CANDIDATES_MAX) {
      const [lightest, weight] = lightestOf(this.#candidates, second);
      inherited = value = decayed(weight, second);
      this.#candidates.delete(lightest);
    }
    const weight = { value: value + request_count, inherited, at_s: second };
    this.#candidates.set(name, weight);
    return weight;
  }

  toJson(): { kept: [string, Weight][]; candidates: [string, Weight][] } {
    return { kept: [...this.#kept], candidates: [...this.#candidates] };
  }

  static fromJson(json: ReturnType<EndpointTable["toJson"]>): EndpointTable {
    return new EndpointTable(json.kept, json.candidates);
  }
}

/** Of the first seconds, which is what nearly all ask for: each endpoint asks once a second. */
const DECAYS = Float64Array.from({ length: 64 }, (_, seconds) => 0.5 ** (seconds / HALF_LIFE_S));

function decay(seconds: number): number {
  return DECAYS[seconds] ?? 0.5 ** (Math.max(0, seconds) / HALF_LIFE_S);
}

function decayed(weight: Weight, second: number): number {
  return weight.value * decay(second - weight.at_s);
}

function lightestOf(weights: ReadonlyMap<string, Weight>, second: number): [string, Weight] {
  let lightest: [string, Weight] | undefined;
  for (const entry of weights) {
    const heavier = lightest !== undefined && decayed(entry[1], second) >= decayed(lightest[1], second);
    if (!heavier) lightest = entry;
  }
  if (lightest === undefined) throw new Error("an empty table has no lightest endpoint");
  return lightest;
}
