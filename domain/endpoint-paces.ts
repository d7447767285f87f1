/**
 * How slow each endpoint usually is, so that a request is judged against its own kind: latencies relative to the pace of their
 * endpoint. A service's own histogram is that of its mix, as wide as its endpoints differ, and moves whenever the mix does; the
 * relative one is as narrow as an endpoint's, so that a factor of two stands out of fewer requests.
 *
 * The pace is one number an endpoint, the mean bin, since bins are logarithmic: the shape of the latencies is pooled over all
 * endpoints in one histogram, whose scores need no assumption of it (slow-scores.ts).
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import type { ClosedEndpoint } from "./second-ring.ts";
import { BIN_COUNT, EMPTY_SKETCH, type Sketch } from "./sketch.ts";

/** The bin that stands for an endpoint's own pace. */
const OWN_PACE_BIN = BIN_COUNT >> 1;
/** An endpoint's requests are judged once so many are known. */
const REQUESTS_MIN = 20;
/** Of so many the pace is known to a few percent; after that it moves with a half-life of a day of seconds with requests. */
const REQUESTS_KNOWN = 200;
const DRIFT = 1 - 0.5 ** (1 / 86_400);

interface Pace {
  /** Mean bin. */
  readonly bin: number;
  /** That it was learned from, at most REQUESTS_KNOWN. */
  readonly requests: number;
}

/** A second's latencies of all endpoints. */
export interface PacedSecond {
  readonly endpoints: readonly Pick<ClosedEndpoint, "name" | "sketch">[];
}

/** Scratch: changed and cleared within one call. */
const counts = new Float64Array(BIN_COUNT);

/** Changes in place. */
export class EndpointPaces {
  #paces = new Map<string, Pace>();

  /** The latencies relative to their endpoints' paces, without those of endpoints that are hardly known. */
  relative({ endpoints }: PacedSecond): Sketch {
    let [low, high] = [BIN_COUNT, -1];
    for (const { name, sketch } of endpoints) {
      const pace = this.#paces.get(name);
      if (pace === undefined || pace.requests < REQUESTS_MIN) continue;
      const shift = OWN_PACE_BIN - Math.round(pace.bin);
      const { bins } = sketch;
      for (let i = 0; i < bins.length; i += 1) {
        const bin = Math.min(BIN_COUNT - 1, Math.max(0, bins[i]! + shift));
        counts[bin]! += sketch.counts[i]!;
        if (bin < low) low = bin;
        if (bin > high) high = bin;
      }
    }
    return high < 0 ? EMPTY_SKETCH : takeCounts(low, high);
  }

  learn({ endpoints }: PacedSecond): void {
    for (const { name, sketch } of endpoints) {
      let [requests, sum] = [0, 0];
      for (let i = 0; i < sketch.bins.length; i += 1) {
        requests += sketch.counts[i]!;
        sum += sketch.counts[i]! * sketch.bins[i]!;
      }
      if (requests === 0) continue;
      const before = this.#paces.get(name) ?? { bin: 0, requests: 0 };
      const known = before.requests + requests;
      const part = before.requests < REQUESTS_KNOWN ? requests / known : DRIFT;
      const bin = before.bin + part * (sum / requests - before.bin);
      this.#paces.set(name, { bin, requests: Math.min(REQUESTS_KNOWN, known) });
    }
  }

  /** Forgets all endpoints but these. */
  keep(names: { has: (name: string) => boolean }): void {
    for (const name of this.#paces.keys()) if (!names.has(name)) this.#paces.delete(name);
  }

  /** Layout: for each of `names` how many requests its pace was learned from, and where that is not 0 the pace. */
  encode(writer: BinaryWriter, names: Iterable<string>): void {
    for (const name of names) {
      const { bin, requests } = this.#paces.get(name) ?? { bin: 0, requests: 0 };
      writer.uint(requests);
      if (requests > 0) writer.double(bin);
    }
  }

  static decode(reader: BinaryReader, names: Iterable<string>): EndpointPaces {
    const paces = new EndpointPaces();
    for (const name of names) {
      const requests = reader.uint();
      if (requests > 0) paces.#paces.set(name, { requests, bin: reader.double() });
    }
    return paces;
  }
}

function takeCounts(low: number, high: number): Sketch {
  let distinct = 0;
  for (let bin = low; bin <= high; bin += 1) if (counts[bin] !== 0) distinct += 1;
  const sketch = { bins: new Uint16Array(distinct), counts: new Float64Array(distinct) };
  let at = 0;
  for (let bin = low; bin <= high; bin += 1) {
    if (counts[bin] === 0) continue;
    sketch.bins[at] = bin;
    sketch.counts[at] = counts[bin]!;
    counts[bin] = 0;
    at += 1;
  }
  return sketch;
}
