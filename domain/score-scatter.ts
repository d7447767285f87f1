/**
 * By how much the evidence of a second scatters more than that of independent requests would, since requests of one moment share
 * a cache, a lock, a page load. Evidence is divided by it. Measured from one second to the next, so that the slow wandering of a
 * service, which the guard of a test is for, does not count (von Neumann, "Distribution of the ratio of the mean square
 * successive difference to the variance", 1941).
 */
import type { BinaryReader, BinaryWriter } from "./binary.ts";

/** Half-life of two hours, a second. */
const DECAY = 0.5 ** (1 / 7200);
const DISPERSION_MAX = 30;
/** Thirty seconds of a prior of 1: a few seconds say nothing about scatter. */
const PRIOR_S = 30;
/** One second counts for at most so much. */
const SQUARE_MAX = 100;

/** Changes in place. */
export class ScoreScatter {
  /** Decayed sums over learned seconds: requests, their scores and the squares of those. */
  #requests = 0;
  #sum = 0;
  #square_sum = 0;
  /** The newest second's deviation, in standard deviations of independent requests. */
  #deviation = 0;
  /** Half the squared steps from second to second, which is 1 for independent requests, and their number. */
  #scatter = 0;
  #seconds = 0;

  /** 1 to 30. */
  get dispersion(): number {
    return Math.min(DISPERSION_MAX, Math.max(1, (this.#scatter + PRIOR_S) / (this.#seconds + PRIOR_S)));
  }

  /** A second with at least one request: the sum of its scores, and of their squares. */
  learn(requests: number, sum: number, square_sum: number): void {
    this.#requests = this.#requests * DECAY + requests;
    this.#sum = this.#sum * DECAY + sum;
    this.#square_sum = this.#square_sum * DECAY + square_sum;
    const mean = this.#sum / this.#requests;
    const variance = this.#square_sum / this.#requests - mean * mean;
    if (variance <= 0) return;
    const deviation = (sum - requests * mean) / Math.sqrt(requests * variance);
    const square = (deviation - this.#deviation) ** 2 / 2;
    this.#deviation = deviation;
    this.#scatter = this.#scatter * DECAY + Math.min(SQUARE_MAX, square);
    this.#seconds = this.#seconds * DECAY + 1;
  }

  encode(writer: BinaryWriter): void {
    for (const value of [this.#requests, this.#sum, this.#square_sum, this.#deviation]) writer.double(value);
    writer.double(this.#scatter);
    writer.double(this.#seconds);
  }

  static decode(reader: BinaryReader): ScoreScatter {
    const scatter = new ScoreScatter();
    scatter.#requests = reader.double();
    scatter.#sum = reader.double();
    scatter.#square_sum = reader.double();
    scatter.#deviation = reader.double();
    scatter.#scatter = reader.double();
    scatter.#seconds = reader.double();
    return scatter;
  }
}
