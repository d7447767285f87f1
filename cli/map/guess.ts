/** Which field of the messages is which of an event, and in what form: by names, and by what the values can be. */
import {
  LATENCY_MAX_MS,
  STATUS_CODE_MAX,
  STATUS_CODE_MIN,
  SERVICE_NAME,
  VERSION_LENGTH_MAX,
} from "../../domain/event.ts";
import { templateEndpoint } from "../../domain/endpoint.ts";
import { isPrintable } from "../../domain/printable.ts";
import { parseRfc3339 } from "../../domain/rfc3339.ts";
import { AS_IS, AS_NAME, AS_NUMBER, AS_REQUEST_PATH, type Conversion, numberOf } from "./conversion.ts";
import { type EventField, isOptional, nameRank, unitOf } from "./field-names.ts";
import type { MessageField, Path } from "./message-fields.ts";
import { DURATION_TEXT, durationIn, epochTime, LOOSE_TIME, type Unit, UNITS } from "./unit-conversions.ts";

export interface Guess {
  readonly path: Path;
  readonly conversion: Conversion;
  /** What was guessed from the values alone and may be wrong; null where nothing was. */
  readonly doubt: string | null;
  /** Part of the messages for which it gives what the field may hold, 0 to 1. */
  readonly share: number;
}

/** A candidate of fewer messages is no field of theirs. */
const SHARE_MIN = 0.5;
/** A field that may be left out may be rare. */
const OPTIONAL_SHARE_MIN = 0.01;
/** Of candidates that are nearly as good as the best, the likeliest name counts. */
const NEARLY = 0.9;

const EARLIEST_MS = Date.parse("2000-01-01T00:00:00Z");
const LATEST_MS = Date.parse("2100-01-01T00:00:00Z");

/** Null where no field of the messages can be this one. */
export function guessField(field: EventField, fields: readonly MessageField[], messages: number): Guess | null {
  const candidates = fields.flatMap((candidate) => {
    const rank = nameRank(field, candidate.path);
    // `peer.service` ends like a service's name, but is the other side's.
    const isOther = field === "service" && nameRank("caller", candidate.path) !== null;
    if (rank === null || isOther) return [];
    const read = readAs(field, candidate.path, candidate.values);
    const right = candidate.values.filter((value) => isRight(field, read.conversion.apply(value))).length;
    // What is there and wrong would refuse an event that may do without it.
    const isHarmful = isOptional(field) && right < NEARLY * candidate.values.length;
    return isHarmful ? [] : [{ path: candidate.path, ...read, share: right / messages, rank }];
  });
  const best = Math.max(0, ...candidates.map(({ share }) => share));
  if (best < (isOptional(field) ? OPTIONAL_SHARE_MIN : SHARE_MIN)) return null;
  const [chosen] = candidates
    .filter(({ share }) => share >= NEARLY * best)
    .toSorted((a, b) => a.rank - b.rank || a.path.length - b.path.length);
  return chosen ?? null;
}

interface Reading {
  readonly conversion: Conversion;
  readonly doubt: string | null;
}

/** In what form the values are; `unit` where somebody knows it. */
export function readAs(field: EventField, path: Path, values: readonly unknown[], unit: Unit | null = null): Reading {
  switch (field) {
    case "event_time":
      return readTime(values, unit);
    case "latency_ms":
      return readLatency(values, unit ?? unitOf(path));
    case "status_code":
      return sure(values.every((value) => typeof value === "number") ? AS_IS : AS_NUMBER);
    case "endpoint":
      return sure(bestOf(field, values, [AS_IS, AS_REQUEST_PATH], isPathLike));
    case "service":
    case "caller":
      return sure(bestOf(field, values, [AS_IS, AS_NAME]));
    case "version":
      return sure(AS_IS);
  }
}

function sure(conversion: Conversion): Reading {
  return { conversion, doubt: null };
}

/** The first conversion of those that are right for most values. */
function bestOf(
  field: EventField,
  values: readonly unknown[],
  conversions: readonly [Conversion, ...Conversion[]],
  isLike: (value: unknown) => boolean = () => true,
): Conversion {
  let [best] = conversions;
  let most = -1;
  for (const conversion of conversions) {
    const made = values.map((value) => conversion.apply(value));
    const right = made.filter((value) => isRight(field, value) && isLike(value)).length;
    if (right > most) [best, most] = [conversion, right];
  }
  return best;
}

/** A request line is printable too, but no path. */
function isPathLike(value: unknown): boolean {
  return typeof value === "string" && !/^[A-Z]+ |^[a-z][a-z0-9+.-]*:\/\//.test(value);
}

/** Whether the field's own rule accepts the value; of times, those of our days. */
function isRight(field: EventField, value: unknown): boolean {
  switch (field) {
    case "event_time": {
      const time_ms = typeof value === "string" ? parseRfc3339(value) : Number.NaN;
      return time_ms >= EARLIEST_MS && time_ms < LATEST_MS;
    }
    case "service":
    case "caller":
      return typeof value === "string" && SERVICE_NAME.test(value);
    case "endpoint":
      return typeof value === "string" && templateEndpoint(value) !== null;
    case "latency_ms":
      return typeof value === "number" && value >= 0 && value <= LATENCY_MAX_MS;
    case "status_code":
      return (
        typeof value === "number" && Number.isInteger(value) && value >= STATUS_CODE_MIN && value <= STATUS_CODE_MAX
      );
    case "version":
      return typeof value === "string" && isPrintable(value, VERSION_LENGTH_MAX);
  }
}

function readTime(values: readonly unknown[], unit: Unit | null): Reading {
  if (unit !== null) return sure(epochTime(unit));
  // A number's size tells its unit: those of our days differ by a factor of a thousand.
  const conversion = bestOf("event_time", values, [AS_IS, LOOSE_TIME, ...UNITS.map(epochTime)]);
  return sure(conversion === AS_IS ? { ...AS_IS, says: "RFC 3339" } : conversion);
}

function readLatency(values: readonly unknown[], unit: Unit | null): Reading {
  const numbers = values.map(numberOf).filter((number) => number !== null);
  if (numbers.length * 2 < values.length) return sure(DURATION_TEXT);
  const isText = values.some((value) => typeof value === "string");
  if (unit !== null) return sure(durationIn(unit, isText));
  const median = numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
  const hasFractions = numbers.some((number) => !Number.isInteger(number));
  const guessed = guessUnit(median, hasFractions);
  const doubt = `${guessed} is guessed from a median of ${median}${hasFractions ? " with fractions" : ""}`;
  return { conversion: durationIn(guessed, isText), doubt };
}

/**
 * Requests take between a millisecond and ten seconds or so. Fractions under ten are mostly seconds, as nginx and Caddy write
 * them. Between whole microseconds and milliseconds there is no telling for certain, so the guess is said.
 */
function guessUnit(median: number, hasFractions: boolean): Unit {
  if (hasFractions) return median < 10 ? "s" : "ms";
  if (median < 20_000) return "ms";
  return median < 20_000_000 ? "us" : "ns";
}
