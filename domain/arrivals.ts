/**
 * How requests come while they come: their rate, how empty seconds follow each other, and how much counts scatter below the
 * rate. Decayed sums; over-dispersed arrivals, from bursts within a second to minutes that wander, weaken what is concluded.
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";

/** Half-lives: ten minutes for the rate, two hours (of blocks) for the scatter. */
const DECAY = 0.5 ** (1 / 600);
const BLOCK_S = 10;
const BLOCK_DECAY = 0.5 ** (BLOCK_S / 7200);
const SCATTER_MAX = 100;
/** As if three blocks had scattered one and a half times as much as independent requests. */
const PRIOR_BLOCKS = 3;
const PRIOR_SCATTER = 1.5;

/** Changes in place. */
export class Arrivals {
  /** Learned seconds, their requests, what is usual at their times, empty ones among them, and stretches of empty ones. */
  #seconds = 0;
  #requests = 0;
  #usual = 0;
  #empty = 0;
  #gaps = 0;
  /** Squared shortfall of blocks below the rate over its mean, and how many there were. */
  #scatter = 0;
  #blocks = 0;
  /** The block that is being filled: seconds in it, and their requests. */
  #block_s = 0;
  #block_requests = 0;

  get seconds(): number {
    return this.#seconds;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Requests a second; 0 while nothing was seen. */
  get rate(): number {
    return this.#seconds === 0 ? 0 : this.#requests / this.#seconds;
  }

  /** The rate as a multiple of what is usual at the times it was learned from. */
  get level(): number {
    return this.#usual === 0 ? 1 : this.#requests / this.#usual;
  }

  /**
   * -ln of the chance that an empty second follows another, from stretches as long as they were: independent requests at rate r
   * give r, bursts far less. Where hardly any second is empty, the share of empty ones stands in.
   */
  get empty_nats(): number {
    const share = (this.#empty + 0.5) / (this.#seconds + 1);
    return -Math.log((this.#empty - this.#gaps + 2 * share) / (this.#empty + 2));
  }

  /** By how much the counts of ten seconds scatter more below the rate than independent requests would: 1 or more. */
  get dispersion(): number {
    return Math.max(1, (this.#scatter + PRIOR_BLOCKS * PRIOR_SCATTER) / (this.#blocks + PRIOR_BLOCKS));
  }

  /** Learns a second with requests; `usual`: the rate that is usual at its time, null where not known. */
  learn(request_count: number, usual: number | null): void {
    this.#block_s += 1;
    this.#block_requests += request_count;
    if (this.#block_s >= BLOCK_S) this.#endBlock();
    this.#decay(DECAY);
    this.#seconds += 1;
    this.#requests += request_count;
    this.#usual += usual ?? this.rate;
  }

  /** Learns a stretch of empty seconds that has ended. */
  learnGap(length_s: number, usual: number | null): void {
    const { rate } = this;
    const decay = DECAY ** length_s;
    const weight = (1 - decay) / (1 - DECAY);
    this.#decay(decay);
    this.#seconds += weight;
    this.#usual += weight * (usual ?? rate);
    this.#empty += weight;
    this.#gaps += Math.min(1, weight);
    this.#block_s += length_s;
    if (this.#block_s >= BLOCK_S) this.#endBlock();
  }

  #decay(factor: number): void {
    this.#seconds *= factor;
    this.#requests *= factor;
    this.#usual *= factor;
    this.#empty *= factor;
    this.#gaps *= factor;
  }

  #endBlock(): void {
    const mean = this.rate * this.#block_s;
    if (this.#seconds >= BLOCK_S && this.#block_requests < mean) {
      this.#scatter = this.#scatter * BLOCK_DECAY + Math.min(SCATTER_MAX, (this.#block_requests - mean) ** 2 / mean);
      this.#blocks = this.#blocks * BLOCK_DECAY + 1;
    }
    this.dropBlock();
  }

  /** The next second does not follow the one learned before. */
  dropBlock(): void {
    this.#block_s = 0;
    this.#block_requests = 0;
  }

  /** Forgets the rate, which is another one now, but not how requests scatter. */
  restart(): void {
    this.#decay(0);
    this.dropBlock();
  }

  encode(writer: BinaryWriter): void {
    const sums = [this.#seconds, this.#requests, this.#usual, this.#empty, this.#gaps, this.#scatter, this.#blocks];
    for (const value of sums) writer.double(value);
    writer.uint(this.#block_s);
    writer.uint(this.#block_requests);
  }

  static decode(reader: BinaryReader): Arrivals {
    const arrivals = new Arrivals();
    arrivals.#seconds = reader.double();
    arrivals.#requests = reader.double();
    arrivals.#usual = reader.double();
    arrivals.#empty = reader.double();
    arrivals.#gaps = reader.double();
    arrivals.#scatter = reader.double();
    arrivals.#blocks = reader.double();
    arrivals.#block_s = reader.uint();
    arrivals.#block_requests = reader.uint();
    return arrivals;
  }
}
