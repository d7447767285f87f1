/**
 * One service's traffic, a second at a time. A latency is drawn as a bin of the sketch and a factor on it as a shift by bins
 * (exact to one bin, 2 %), so that a request costs one table look-up and 1,000 requests/s for a day stay cheap.
 */
import { type Random, randomFor } from "../../generator/random.ts";
import { type ClosedEndpoint, type ClosedSecond, EMPTY_SECOND } from "../../domain/second-ring.ts";
import { EMPTY_SKETCH, mergeAllSketches, type Sketch, sketchOfBins } from "../../domain/sketch.ts";
import { NO_CLASSES } from "../../domain/status-classes.ts";
import { BIN_MAX, BIN_VALUE_US, shiftOf } from "./bins.ts";
import { cycleFactor } from "./cycle.ts";
import { drawBinomial, drawDispersed } from "./draws.ts";
import { type Effect, Effects, type Strain } from "./effect.ts";
import { Noise } from "./noise.ts";
import { type EndpointProfile, type ServiceProfile, slowBinOf } from "./profile.ts";

const NOBODY_SLOW = (): readonly number[] => [];
/** Above this many requests, one draw for each endpoint is cheaper than one for each request. */
const SINGLE_DRAWS_MAX = 40;
/** Above this many, counting the bins is cheaper than sorting them. */
const SORTED_MAX = 64;
const SLOW_SHIFT = shiftOf(1.25);

export interface Traffic {
  readonly closed: ClosedSecond;
  readonly sketch: Sketch;
  readonly slow: (bin: number) => readonly number[];
  /** Requests that failed, or were slow (above 1.25 times the true p95), only because of a fault. */
  readonly harmed_count: number;
}

export interface Life {
  readonly seed: number;
  readonly profile: ServiceProfile;
  readonly effects: readonly Effect[];
}

export class Simulator {
  readonly #profile: ServiceProfile;
  readonly #random: Random;
  readonly #noise: Noise;
  readonly #effects: Effects;
  readonly #slow_bin: number;
  readonly #counts: Uint32Array;
  readonly #weights: Float64Array;
  readonly #histogram = new Uint32Array(BIN_MAX + 1);
  /** The bins drawn in this second, endpoint after endpoint. */
  #drawn = new Uint16Array(1024);
  #drawn_count = 0;
  #harmed_count = 0;
  #cycle_factor = 0;

  constructor({ seed, profile, effects }: Life) {
    this.#profile = profile;
    this.#random = randomFor(seed, 1);
    this.#noise = new Noise(profile.noise, profile.endpoints.length, randomFor(seed, 2));
    this.#effects = new Effects(effects, profile.endpoints.length);
    this.#slow_bin = slowBinOf(profile, SLOW_SHIFT);
    this.#counts = new Uint32Array(profile.endpoints.length);
    this.#weights = new Float64Array(profile.endpoints.length);
  }

  /** Seconds without a gap. */
  next(second: number): Traffic {
    if (this.#cycle_factor === 0 || second % 60 === 0) this.#cycle_factor = cycleFactor(this.#profile.cycle, second);
    this.#noise.step(second);
    this.#effects.step(second);
    const total = this.#drawCounts();
    if (total === 0) return { closed: EMPTY_SECOND, sketch: EMPTY_SKETCH, slow: NOBODY_SLOW, harmed_count: 0 };
    this.#drawn_count = 0;
    this.#harmed_count = 0;
    if (this.#drawn.length < total) this.#drawn = new Uint16Array(total * 2);
    const endpoints: ClosedEndpoint[] = [];
    let [error_count, latency_sum_us] = [0, 0];
    for (let i = 0; i < this.#counts.length; i += 1) {
      if (this.#counts[i] === 0) continue;
      const sums = this.#serve(i, this.#counts[i]!);
      endpoints.push(sums);
      error_count += sums.error_count;
      latency_sum_us += sums.latency_sum_us;
    }
    const closed = { request_count: total, error_count, latency_sum_us, endpoints, classes: NO_CLASSES };
    const sketch = mergeAllSketches(endpoints.map((endpoint) => endpoint.sketch));
    return { closed, sketch, slow: (bin) => this.#slowAbove(bin), harmed_count: this.#harmed_count };
  }

  /** Fills the requests of each endpoint and returns their sum. */
  #drawCounts(): number {
    const { endpoints, rate, arrival_dispersion } = this.#profile;
    let weight_sum = 0;
    for (let i = 0; i < endpoints.length; i += 1) {
      const weight = endpoints[i]!.share * this.#noise.mix[i]! * this.#effects.strains[i]!.rate_factor;
      this.#weights[i] = weight;
      weight_sum += weight;
    }
    const mean = rate * this.#cycle_factor * this.#noise.rate_factor * weight_sum;
    const total = drawDispersed(this.#random, mean, arrival_dispersion);
    this.#counts.fill(0);
    if (total <= SINGLE_DRAWS_MAX) {
      for (let n = 0; n < total; n += 1) this.#counts[this.#pickEndpoint(weight_sum)]! += 1;
      return total;
    }
    let [rest, rest_weight] = [total, weight_sum];
    for (let i = 0; i < endpoints.length - 1; i += 1) {
      const count = drawBinomial(this.#random, rest, this.#weights[i]! / rest_weight);
      this.#counts[i] = count;
      rest -= count;
      rest_weight -= this.#weights[i]!;
    }
    this.#counts[endpoints.length - 1] = rest;
    return total;
  }

  #pickEndpoint(weight_sum: number): number {
    let place = this.#random.unit() * weight_sum;
    const last = this.#weights.length - 1;
    for (let i = 0; i < last; i += 1) {
      place -= this.#weights[i]!;
      if (place < 0) return i;
    }
    return last;
  }

  #serve(index: number, request_count: number): ClosedEndpoint {
    const endpoint = this.#profile.endpoints[index]!;
    const strain = this.#effects.strains[index]!;
    const random = this.#random;
    let error_count = this.#usualErrors(endpoint, request_count);
    error_count += drawBinomial(random, request_count - error_count, strain.error_share);
    const failed = drawBinomial(random, request_count - error_count, strain.fault_error_share);
    const first = this.#drawn_count;
    const shift = strain.shift + shiftOfLog(this.#noise.latency_log);
    const slow = drawBinomial(random, request_count, strain.slow_share);
    let latency_sum_us = this.#drawBins(endpoint, slow, shift + strain.slow_shift);
    latency_sum_us += this.#drawBins(endpoint, request_count - slow, shift);
    if (failed > 0 || strain.fault_shift > 0 || strain.fault_slow_shift > 0)
      this.#countHarm(first, failed, slow, strain);
    const sketch = this.#sketchFrom(first);
    return { name: endpoint.name, request_count, error_count: error_count + failed, latency_sum_us, sketch };
  }

  #usualErrors(endpoint: EndpointProfile, request_count: number): number {
    const share = Math.min(1, endpoint.error_rate * this.#noise.error_factor);
    const dispersion = this.#profile.error_dispersion;
    if (dispersion === 1) return drawBinomial(this.#random, request_count, share);
    return Math.min(request_count, drawDispersed(this.#random, request_count * share, dispersion));
  }

  /** A fraction of a bin is met on average: that share of the requests moves one bin further. */
  #drawBins(endpoint: EndpointProfile, count: number, shift: number): number {
    if (count === 0) return 0;
    const whole = Math.floor(shift);
    const further = drawBinomial(this.#random, count, shift - whole);
    return this.#drawShifted(endpoint, further, whole + 1) + this.#drawShifted(endpoint, count - further, whole);
  }

  #drawShifted(endpoint: EndpointProfile, count: number, shift: number): number {
    const drawn = this.#drawn;
    const first = this.#drawn_count;
    let sum_us = 0;
    for (let at = first; at < first + count; at += 1) {
      const bin = Math.min(BIN_MAX, Math.max(1, endpoint.latency.draw(this.#random) + shift));
      drawn[at] = bin;
      sum_us += BIN_VALUE_US[bin]!;
    }
    this.#drawn_count = first + count;
    return sum_us;
  }

  /** A request that failed is not counted again for being slow: which one failed does not depend on its latency. */
  #countHarm(first: number, failed: number, slow: number, { fault_shift, fault_slow_shift }: Readonly<Strain>): void {
    let slowed = 0;
    for (let at = first; at < this.#drawn_count; at += 1) {
      const bin = this.#drawn[at]!;
      // Those of the slow share were drawn first.
      const shift = at < first + slow ? fault_shift + fault_slow_shift : fault_shift;
      if (bin > this.#slow_bin && bin - shift <= this.#slow_bin) slowed += 1;
    }
    const others = 1 - failed / (this.#drawn_count - first);
    this.#harmed_count += failed + slowed * others;
  }

  /** Of what was drawn from place `first` on. */
  #sketchFrom(first: number): Sketch {
    const drawn = this.#drawn.subarray(first, this.#drawn_count);
    if (drawn.length <= SORTED_MAX) return sketchOfBins(drawn.slice());
    const histogram = this.#histogram;
    let [low, high, distinct] = [BIN_MAX, 0, 0];
    for (const bin of drawn) {
      if (histogram[bin] === 0) distinct += 1;
      histogram[bin]! += 1;
      if (bin < low) low = bin;
      if (bin > high) high = bin;
    }
    const sketch = { bins: new Uint16Array(distinct), counts: new Float64Array(distinct) };
    let at = 0;
    for (let bin = low; bin <= high; bin += 1) {
      const count = histogram[bin]!;
      if (count === 0) continue;
      sketch.bins[at] = bin;
      sketch.counts[at] = count;
      histogram[bin] = 0;
      at += 1;
    }
    return sketch;
  }

  #slowAbove(bin: number): readonly number[] {
    const slow: number[] = [];
    let at = 0;
    for (const count of this.#counts) {
      if (count === 0) continue;
      let above = 0;
      for (const end = at + count; at < end; at += 1) if (this.#drawn[at]! > bin) above += 1;
      slow.push(above);
    }
    return slow;
  }
}

const SHIFT_OF_E = shiftOf(Math.E);

function shiftOfLog(log: number): number {
  return log * SHIFT_OF_E;
}
