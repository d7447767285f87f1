/** Whether requests fail to come: a Poisson CUSUM against a rate that follows the last minutes. */
import type { BinaryReader, BinaryWriter } from "./binary.ts";
import { Cusum, poissonRatio, THRESHOLD } from "./cusum.ts";

/** Half-lives: ten minutes for the rate, two hours for its scatter. */
const RATE_DECAY = 0.5 ** (1 / 600);
const SCATTER_DECAY = 0.5 ** (1 / 7200);
/** Normal down to 0.7 of the rate, a fault at 0.25 of it. */
const NORMAL_PART = 0.7;
const FAULT_PART = 0.25;
const RAMP_S = 20;
/** Below it, or where more than half of the seconds are empty, traffic comes in bouts and its absence says nothing. */
const RATE_MIN = 0.5;
const BUSY_MIN = 0.4;
const LEARNED_S_MIN = 120;

/** Changes in place. */
export class TrafficTest {
  #cusum = new Cusum();
  /** Decayed sums over learned seconds: seconds, requests, non-empty seconds, and squared deviation over the mean. */
  #seconds = 0;
  #requests = 0;
  #busy = 0;
  #scatter = 0;
  #scatter_s = 0;
  #firing = false;

  clone(): TrafficTest {
    const copy = new TrafficTest();
    copy.#cusum = this.#cusum.clone();
    copy.#seconds = this.#seconds;
    copy.#requests = this.#requests;
    copy.#busy = this.#busy;
    copy.#scatter = this.#scatter;
    copy.#scatter_s = this.#scatter_s;
    copy.#firing = this.#firing;
    return copy;
  }

  /** Requests a second that are normal now; 0 while nothing was seen. */
  get rate(): number {
    return this.#seconds === 0 ? 0 : this.#requests / this.#seconds;
  }

  get evidence(): number {
    return this.#cusum.value / THRESHOLD;
  }

  get since_s(): number {
    return this.#cusum.age_s;
  }

  /** The requests of a second under which traffic is taken as dropped. */
  get threshold(): number {
    return this.rate * FAULT_PART;
  }

  step(request_count: number): "above_threshold" | "between" | "below_threshold" | "too_few_requests" {
    if (!this.#isSteady) {
      this.#learn(request_count);
      return "too_few_requests";
    }
    const dispersion = Math.max(1, (this.#scatter + 30) / (this.#scatter_s + 30));
    const ratio = poissonRatio(request_count, this.rate * FAULT_PART, this.rate * NORMAL_PART) / dispersion;
    this.#cusum.add(ratio, RAMP_S, THRESHOLD);
    if (this.evidence < 0.25) this.#learn(request_count);
    if (this.#cusum.value >= THRESHOLD) this.#firing = true;
    else if (this.#cusum.value === 0) this.#firing = false;
    if (this.#cusum.value >= THRESHOLD) return "above_threshold";
    return this.#firing ? "between" : "below_threshold";
  }

  get #isSteady(): boolean {
    return this.#seconds >= LEARNED_S_MIN && this.rate >= RATE_MIN && this.#busy >= this.#seconds * BUSY_MIN;
  }

  #learn(request_count: number): void {
    const mean = Math.max(this.rate, 0.1);
    if (this.#seconds >= 30) {
      this.#scatter = this.#scatter * SCATTER_DECAY + Math.min(100, (request_count - mean) ** 2 / mean);
      this.#scatter_s = this.#scatter_s * SCATTER_DECAY + 1;
    }
    this.#seconds = this.#seconds * RATE_DECAY + 1;
    this.#requests = this.#requests * RATE_DECAY + request_count;
    this.#busy = this.#busy * RATE_DECAY + (request_count > 0 ? 1 : 0);
  }

  encode(writer: BinaryWriter): void {
    this.#cusum.encode(writer);
    for (const value of [this.#seconds, this.#requests, this.#busy, this.#scatter, this.#scatter_s])
      writer.double(value);
    writer.uint(this.#firing ? 1 : 0);
  }

  static decode(reader: BinaryReader): TrafficTest {
    const test = new TrafficTest();
    test.#cusum = Cusum.decode(reader);
    test.#seconds = reader.double();
    test.#requests = reader.double();
    test.#busy = reader.double();
    test.#scatter = reader.double();
    test.#scatter_s = reader.double();
    test.#firing = reader.uint() === 1;
    return test;
  }
}
