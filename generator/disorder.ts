/** The order in which events are sent: each some random time after it happened, as services and networks do it. */
import { keyOf, randomFor } from "./random.ts";
import type { TimedEvent } from "./stream.ts";

const PURPOSE = keyOf("disorder");

interface Waiting {
  readonly due_ms: number;
  readonly timed: TimedEvent;
}

/** Holds each event back by 0 to `disorder_ms`; holds at most the events of that time. The same for the same seed and events. */
export class Disorder {
  readonly #disorder_ms: number;
  readonly #random;
  #waiting: Waiting[] = [];

  constructor(seed: number, disorder_ms: number) {
    this.#disorder_ms = disorder_ms;
    this.#random = randomFor(seed, PURPOSE);
  }

  /** Takes the next events, by event time, and gives those that are due before `until_ms`, in sending order. */
  pass(events: Iterable<TimedEvent>, until_ms: number): TimedEvent[] {
    for (const timed of events)
      this.#waiting.push({ due_ms: timed.at_ms + this.#random.between(0, this.#disorder_ms), timed });
    const due = this.#waiting.filter((waiting) => waiting.due_ms < until_ms);
    this.#waiting = this.#waiting.filter((waiting) => waiting.due_ms >= until_ms);
    return due.toSorted((a, b) => a.due_ms - b.due_ms).map((waiting) => waiting.timed);
  }

  /** What is still held back, in sending order: the end of a stream. */
  rest(): TimedEvent[] {
    return this.pass([], Number.POSITIVE_INFINITY);
  }
}
