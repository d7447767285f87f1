/** The normal share of requests that fail (or are slow): decayed counts over a prior, so that the first minute works. */
import type { BinaryReader, BinaryWriter } from "./binary.ts";

/** Half-life of two hours, a second. */
const DECAY = 0.5 ** (1 / 7200);

/**
 * Error rates wander, by a quarter up and down, and stay there for minutes: of a service that is known for one such spell alone,
 * normal is not known better than that, however many its requests were.
 */
const WANDER = 0.25;
const WANDER_S = 300;

/** Requests from which on what was seen says more than the prior. */
const SEEN_MIN = 50;

/** A prior: as if `strength` requests had been seen with this share. */
export interface Prior {
  readonly share: number;
  readonly strength: number;
}

/** What is normal of a share, as far as it is known. */
export interface NormalShare {
  /** 0 to 1. */
  readonly share: number;
  /** Standard error of the share. */
  readonly error: number;
  /** By how much counts scatter more than a binomial's, 1 or more. */
  readonly dispersion: number;
}

/** Changes in place. */
export class ShareBaseline implements NormalShare {
  readonly #prior: Prior;
  #trials = 0;
  #hits = 0;
  /** Mean squared excess over a binomial's variance, decayed likewise; 1 for independent requests. */
  #scatter = 0;
  #seconds = 0;

  constructor(prior: Prior) {
    this.#prior = prior;
  }

  /** Requests behind it, the prior's included. */
  get strength(): number {
    return this.#trials + this.#prior.strength;
  }

  /** Standard deviation of the share as it is known now from what it is over hours. */
  get wander(): number {
    return WANDER * this.share * Math.sqrt(WANDER_S / (WANDER_S + this.#seconds));
  }

  get trials(): number {
    return this.#trials;
  }

  get share(): number {
    return (this.#hits + this.#prior.share * this.#prior.strength) / this.strength;
  }

  /** The share as it was seen, without the prior; null while too few requests were. */
  get seen_share(): number | null {
    return this.#trials < SEEN_MIN ? null : this.#hits / this.#trials;
  }

  /** Standard error of the share. */
  get error(): number {
    return Math.sqrt((this.share * (1 - this.share)) / this.strength);
  }

  /** By how much counts of a second scatter more than a binomial's: 1 to 10. */
  get dispersion(): number {
    // Thirty seconds of a prior of 1: a few seconds say nothing about scatter.
    return Math.min(10, Math.max(1, (this.#scatter + 30) / (this.#seconds + 30)));
  }

  /** Learns a second that nothing speaks against. */
  learn(trials: number, hits: number): void {
    if (trials > 0) {
      const { share } = this;
      const variance = Math.max(trials * share * (1 - share), 0.25);
      this.#scatter = this.#scatter * DECAY + Math.min(25, (hits - trials * share) ** 2 / variance);
      this.#seconds = this.#seconds * DECAY + 1;
    }
    this.#trials = this.#trials * DECAY + trials;
    this.#hits = this.#hits * DECAY + hits;
  }

  encode(writer: BinaryWriter): void {
    for (const value of [this.#trials, this.#hits, this.#scatter, this.#seconds]) writer.double(value);
  }

  static decode(reader: BinaryReader, prior: Prior): ShareBaseline {
    const baseline = new ShareBaseline(prior);
    baseline.#trials = reader.double();
    baseline.#hits = reader.double();
    baseline.#scatter = reader.double();
    baseline.#seconds = reader.double();
    return baseline;
  }
}
