/** The newest 60 closed seconds as detection saw them: a late event corrects history, never what was judged. */
import { type BinaryReader, type BinaryWriter, encoded } from "./binary.ts";
import type { Bucket } from "./bucket.ts";
import { countAbove, type Sketch } from "./sketch.ts";
import { NO_CLASSES, type StatusClasses } from "./status-classes.ts";

export const RING_S = 60;

/** Names in its bytes; once there are more, those that left with their seconds go. A second has 51 of its own at most. */
const NAMES_MAX = 128;

export interface Sums {
  readonly request_count: number;
  readonly error_count: number;
  readonly latency_sum_us: number;
}

export interface NamedSums extends Sums {
  readonly name: string;
}

/** An endpoint in the second that is being closed. */
export interface ClosedEndpoint extends NamedSums {
  readonly sketch: Sketch;
}

/** The second that is being closed, for the detectors to judge. Immutable. */
export interface ClosedSecond extends Sums {
  readonly endpoints: readonly ClosedEndpoint[];
  /** All zeros where nothing is known of its answers. */
  readonly classes: StatusClasses;
}

/** An endpoint as it is remembered. */
interface JudgedEndpoint extends NamedSums {
  /** Requests that were slow as slow was understood then; 0 while it was not. */
  readonly slow_count: number;
}

/** A second that was judged: counts in place of latencies, so that 60 of them are small. Immutable. */
export interface JudgedSecond extends Sums {
  readonly endpoints: readonly JudgedEndpoint[];
}

export const NO_SUMS: Sums = { request_count: 0, error_count: 0, latency_sum_us: 0 };

export const EMPTY_SECOND: Sums & { readonly endpoints: readonly never[]; readonly classes: StatusClasses } = {
  ...NO_SUMS,
  endpoints: [],
  classes: NO_CLASSES,
};

export function closedSecond(bucket: Bucket | undefined, names: readonly string[]): ClosedSecond {
  if (bucket === undefined) return EMPTY_SECOND;
  const { request_count, error_count, latency_sum_us, classes } = bucket;
  // Field by field: copying "the rest" costs more than all else that is done with an endpoint in a second.
  const endpoints = bucket.endpoints.map((entry): ClosedEndpoint => {
    return {
      name: names[entry.name]!,
      request_count: entry.request_count,
      error_count: entry.error_count,
      latency_sum_us: entry.latency_sum_us,
      sketch: entry.sketch,
    };
  });
  return { request_count, error_count, latency_sum_us, endpoints, classes };
}

/** What is kept of a second; a request is slow in a bin above `slow_bin`, null while that is not known. */
export function judgedSecond(closed: ClosedSecond, slow_bin: number | null): JudgedSecond {
  const endpoints = closed.endpoints.map((endpoint): JudgedEndpoint => {
    return {
      name: endpoint.name,
      request_count: endpoint.request_count,
      error_count: endpoint.error_count,
      latency_sum_us: endpoint.latency_sum_us,
      slow_count: slow_bin === null ? 0 : countAbove(endpoint.sketch, slow_bin),
    };
  });
  const { request_count, error_count, latency_sum_us } = closed;
  return { request_count, error_count, latency_sum_us, endpoints };
}

export function addSums(a: Sums, b: Sums, sign: 1 | -1 = 1): Sums {
  return {
    request_count: a.request_count + sign * b.request_count,
    error_count: a.error_count + sign * b.error_count,
    latency_sum_us: a.latency_sum_us + sign * b.latency_sum_us,
  };
}

export function sumOf(all: readonly Sums[]): Sums {
  return all.reduce((sum, own) => addSums(sum, own), NO_SUMS);
}

/** Changes in place. */
export class SecondRing {
  #seconds: JudgedSecond[] = Array.from({ length: RING_S }, () => EMPTY_SECOND);
  #total: Sums = NO_SUMS;
  /** Bytes of the seconds that were encoded before, and the places of the names in them: of sixty one or two are new each time. */
  readonly #encoded: (Uint8Array | undefined)[] = [];
  #names = new Map<string, number>();

  /** Sums over the 60 seconds that end with the newest pushed one. */
  get total(): Sums {
    return this.#total;
  }

  /** Its 60 seconds, in no order. */
  all(): readonly JudgedSecond[] {
    return this.#seconds;
  }

  /** Pushes second `second` and returns the one that leaves (second - 60). Seconds must be pushed without a gap. */
  push(second: number, judged: JudgedSecond): JudgedSecond {
    const slot = second % RING_S;
    const leaving = this.#seconds[slot]!;
    this.#seconds[slot] = judged;
    this.#encoded[slot] = undefined;
    const { request_count, error_count, latency_sum_us } = this.#total;
    this.#total = {
      request_count: request_count - leaving.request_count + judged.request_count,
      error_count: error_count - leaving.error_count + judged.error_count,
      latency_sum_us: latency_sum_us - leaving.latency_sum_us + judged.latency_sum_us,
    };
    return leaving;
  }

  /** The seconds `from` to `newest` (the newest pushed), at most 60, in order. */
  since(from: number, newest: number): { readonly second: number; readonly closed: JudgedSecond }[] {
    const since: { second: number; closed: JudgedSecond }[] = [];
    for (let second = Math.max(from, newest - RING_S + 1); second <= newest; second += 1)
      since.push({ second, closed: this.#seconds[second % RING_S]! });
    return since;
  }

  /** Layout: name table, perhaps with names that are in none of the seconds any more; 60 seconds of three sums and the endpoints' five numbers each. */
  encode(writer: BinaryWriter): void {
    if (this.#names.size > NAMES_MAX) {
      this.#names = new Map();
      this.#encoded.length = 0;
    }
    const seconds = this.#seconds.map((judged, slot) => (this.#encoded[slot] ??= this.#encodeSecond(judged)));
    writer.uint(this.#names.size);
    for (const name of this.#names.keys()) writer.text(name);
    for (const bytes of seconds) writer.raw(bytes);
  }

  #encodeSecond(judged: JudgedSecond): Uint8Array {
    return encoded((writer) => {
      encodeSums(writer, judged);
      writer.uint(judged.endpoints.length);
      for (const endpoint of judged.endpoints) {
        let place = this.#names.get(endpoint.name);
        if (place === undefined) this.#names.set(endpoint.name, (place = this.#names.size));
        writer.uint(place);
        encodeSums(writer, endpoint);
        writer.uint(endpoint.slow_count);
      }
    });
  }

  static decode(reader: BinaryReader): SecondRing {
    const ring = new SecondRing();
    const names = Array.from({ length: reader.uint() }, () => reader.text());
    ring.#names = new Map(names.map((name, place) => [name, place]));
    ring.#seconds = Array.from({ length: RING_S }, () => {
      const sums = decodeSums(reader);
      const endpoints = Array.from({ length: reader.uint() }, () => ({
        name: names[reader.uint()]!,
        ...decodeSums(reader),
        slow_count: reader.uint(),
      }));
      return sums.request_count === 0 ? EMPTY_SECOND : { ...sums, endpoints };
    });
    ring.#total = sumOf(ring.#seconds);
    return ring;
  }
}

export function encodeSums(writer: BinaryWriter, sums: Sums): void {
  writer.uint(sums.request_count);
  writer.uint(sums.error_count);
  writer.uint(sums.latency_sum_us);
}

export function decodeSums(reader: BinaryReader): Sums {
  return { request_count: reader.uint(), error_count: reader.uint(), latency_sum_us: reader.uint() };
}
