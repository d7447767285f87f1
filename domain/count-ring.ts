/** Requests and failed ones of the newest steps of time, in constant memory: a window slides by a step, not by a second. */
import type { BinaryReader, BinaryWriter } from "./binary.ts";

interface Counts {
  readonly requests: number;
  readonly errors: number;
}

const NONE: Counts = { requests: 0, errors: 0 };

/** Changes in place. */
export class CountRing {
  readonly #step_s: number;
  /** Completed steps, the oldest first. */
  #steps: readonly Counts[];
  /** The one that is being filled. */
  #requests = 0;
  #errors = 0;
  /** Its number, counted from the epoch. */
  #number = 0;

  constructor(step_s: number, slots: number) {
    this.#step_s = step_s;
    this.#steps = Array.from({ length: slots }, () => NONE);
  }

  /** Seconds ascend; those left out count as without requests. */
  add(second: number, requests: number, errors: number): void {
    const number = Math.floor(second / this.#step_s);
    if (number !== this.#number) this.#turn(number);
    this.#requests += requests;
    this.#errors += errors;
  }

  #turn(number: number): void {
    for (let passed = Math.min(number - this.#number, this.#steps.length); passed > 0; passed -= 1) {
      this.#steps = [...this.#steps.slice(1), { requests: this.#requests, errors: this.#errors }];
      this.#requests = 0;
      this.#errors = 0;
    }
    this.#number = number;
  }

  /** Sums over the newest completed steps and the one being filled, and how many of these have requests, `steps` at most. */
  over(steps: number): Counts & { readonly known: number } {
    let [requests, errors] = [this.#requests, this.#errors];
    let known = 0;
    for (let i = this.#steps.length - steps; i < this.#steps.length; i += 1) {
      const step = this.#steps[i]!;
      requests += step.requests;
      errors += step.errors;
      if (step.requests > 0) known += 1;
    }
    // The step being filled is judged with those that are complete: it stands in for one that is empty.
    if (this.#requests > 0 && known < steps) known += 1;
    return { requests, errors, known };
  }

  encode(writer: BinaryWriter): void {
    writer.uint(this.#number);
    for (const counts of this.#steps) encodeCounts(writer, counts);
    encodeCounts(writer, { requests: this.#requests, errors: this.#errors });
  }

  static decode(reader: BinaryReader, step_s: number, slots: number): CountRing {
    const ring = new CountRing(step_s, slots);
    ring.#number = reader.uint();
    const counts = (): Counts => {
      const requests = reader.uint();
      return requests === 0 ? NONE : { requests, errors: reader.uint() };
    };
    ring.#steps = Array.from({ length: slots }, counts);
    const filling = counts();
    ring.#requests = filling.requests;
    ring.#errors = filling.errors;
    return ring;
  }
}

function encodeCounts(writer: BinaryWriter, { requests, errors }: Counts): void {
  writer.uint(requests);
  if (requests > 0) writer.uint(errors);
}
