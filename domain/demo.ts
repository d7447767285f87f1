/**
 * Faults played on purpose, in demo mode alone: what may be wished for, and what the generator is told. The Fleet keeps them, the
 * generator asks for them and plays them; events, detection and incidents then are real.
 */
import * as v from "valibot";
import { ENDPOINT_LENGTH_MAX } from "./endpoint.ts";
import { SERVICE_NAME } from "./event.ts";
import { isPrintable } from "./printable.ts";

/**
 * - `errors`: requests fail; strength is their share
 * - `latency`: requests are slower; strength is how many times
 * - `traffic`: fewer or more requests; strength is how many times as many as usual
 * - `down`: no request arrives at all; it has no strength
 */
export const DEMO_KINDS = ["errors", "latency", "traffic", "down"] as const;
export type DemoKind = (typeof DEMO_KINDS)[number];

interface StrengthRule {
  readonly min: number;
  readonly max: number;
  /** Where none is given: strong enough to be told within seconds at the rate that `npm start` plays. */
  readonly otherwise: number;
  readonly right: string;
}

export const DEMO_STRENGTHS: Readonly<Record<DemoKind, StrengthRule>> = {
  errors: { min: 0.01, max: 1, otherwise: 0.6, right: "a share of the requests from 0.01 to 1" },
  latency: { min: 1.1, max: 100, otherwise: 6, right: "how many times as slow, from 1.1 to 100" },
  traffic: { min: 0, max: 10, otherwise: 0.1, right: "how many times as many requests, from 0 to 10" },
  down: { min: 1, max: 1, otherwise: 1, right: "left out: nothing arrives of what is down" },
};

export const DEMO_FOR_S_MIN = 5;
export const DEMO_FOR_S_MAX = 3600;
export const DEMO_FOR_S_DEFAULT = 120;
/** Faults that may be on at the same time. */
export const DEMO_FAULTS_MAX = 20;

/** `POST /v1/demo/faults`. */
export interface DemoWish {
  readonly service: string;
  /** As Faultline names it, ids templated; null for the whole service. */
  readonly endpoint: string | null;
  readonly kind: DemoKind;
  /** See DEMO_STRENGTHS. */
  readonly strength: number;
  /** Seconds that it lasts. */
  readonly for_s: number;
}

/** A fault that is on, or was until a moment ago. Times are RFC 3339 by the receiving clock. */
export interface DemoFault extends DemoWish {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

/** `GET /v1/demo/faults`. */
export interface DemoState {
  /** Whether this Faultline is in demo mode; where it is not, the rest is empty. */
  readonly on: boolean;
  /** Those that are on, the oldest first. */
  readonly faults: readonly DemoFault[];
  /** When a generator asked last; null where none has since the Fleet woke. Without one nothing happens. */
  readonly asked_at: string | null;
}

/** What the Worker asks of the Fleet. */
export interface DemoPort {
  /** `by_player`: a generator asks, which plays what it is told. */
  demoFaults(by_player: boolean): Promise<Omit<DemoState, "on">>;
  /** Null where as many are on as may be. */
  breakService(wish: DemoWish): Promise<DemoFault | null>;
  /** Ends one, or all; tells how many were on. */
  mendFaults(id: string | null): Promise<number>;
}

/** A generator asks each half second: after this long there is none. */
export const DEMO_PLAYER_GONE_MS = 5_000;

const SERVICE_RIGHT = 'must be a service\'s name: 1 to 63 of a-z, 0-9, ".", "_", "-", no mark first';
const ENDPOINT_RIGHT = `must have 1 to ${ENDPOINT_LENGTH_MAX} printable characters, such as /cart/pay, or be null`;
const FOR_RIGHT = `must be whole seconds from ${DEMO_FOR_S_MIN} to ${DEMO_FOR_S_MAX}`;
const KIND_RIGHT = `must be ${DEMO_KINDS.slice(0, -1).join(", ")} or ${DEMO_KINDS.at(-1)}`;
const NUMBER_RIGHT = "must be a number";

const plainWish = v.object({
  service: v.pipe(v.string(SERVICE_RIGHT), v.regex(SERVICE_NAME, SERVICE_RIGHT)),
  endpoint: v.nullish(
    v.pipe(
      v.string(ENDPOINT_RIGHT),
      v.check((text) => isPrintable(text, ENDPOINT_LENGTH_MAX), ENDPOINT_RIGHT),
    ),
    null,
  ),
  kind: v.picklist(DEMO_KINDS, KIND_RIGHT),
  strength: v.nullish(v.pipe(v.number(NUMBER_RIGHT), v.finite(NUMBER_RIGHT)), null),
  for_s: v.optional(
    v.pipe(
      v.number(FOR_RIGHT),
      v.integer(FOR_RIGHT),
      v.minValue(DEMO_FOR_S_MIN, FOR_RIGHT),
      v.maxValue(DEMO_FOR_S_MAX, FOR_RIGHT),
    ),
    DEMO_FOR_S_DEFAULT,
  ),
});

/** A wish as it comes over HTTP: what is left out has its default, what is wrong is named with what would be right. */
export const demoWishSchema = v.pipe(
  plainWish,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.value.strength === null) return;
    const { kind, strength } = dataset.value;
    const { min, max, right } = DEMO_STRENGTHS[kind];
    if (strength >= min && strength <= max) return;
    addIssue({
      message: `must be ${right}`,
      path: [{ type: "object", origin: "value", input: dataset.value, key: "strength", value: strength }],
    });
  }),
  v.transform((wish): DemoWish => ({ ...wish, strength: wish.strength ?? DEMO_STRENGTHS[wish.kind].otherwise })),
);
