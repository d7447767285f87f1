/** What a replay sends: each letter's record, or why it is left out. */
import { parseEvent, REJECT_REASONS, type RejectReason } from "../../domain/event.ts";
import { isCut, isUnplaced, type Letter, serviceOf } from "./letter.ts";

export interface ReplayWish {
  /** The records get the present time instead of their own. */
  readonly isNow: boolean;
  /** Also what would be refused again by the rules of events, as far as they are known here. */
  readonly isForced: boolean;
  readonly now_ms: number;
}

export interface ReplayRecord {
  readonly letter: Letter;
  readonly topic: string;
  /** Null: where its key leads. */
  readonly partition: number | null;
  /** The service; null where the value names none. */
  readonly key: string | null;
  readonly value: Uint8Array;
  /** Null: the present. */
  readonly timestamp_ms: number | null;
  /** By the rules of events it is one, so that the bridge need not map it. */
  readonly isEvent: boolean;
}

export type Planned =
  | { readonly kind: "send"; readonly record: ReplayRecord }
  | { readonly kind: "left"; readonly why: LeftReason };

/** Why a letter is left out. */
export type LeftReason = RejectReason | "cut" | "unplaced";

export const LEFT_REASONS: Readonly<Record<LeftReason, string>> = {
  ...REJECT_REASONS,
  cut: "The letter holds only the first 900,000 bytes.",
  unplaced:
    "Messages that forged their offset cannot be told from their repeats: choose them by --reason reserved_header.",
};

/** Plans a letter as it is (`repaired` null), or with its repaired value. */
export function planReplay(letter: Letter, repaired: Uint8Array | null, wish: ReplayWish): Planned {
  const value = repaired ?? letter.value;
  const timestamp_ms = wish.isNow || letter.timestamp_ms <= 0 ? null : letter.timestamp_ms;
  const verdict = parseEvent(value, { timestamp_ms: timestamp_ms ?? 0, plain: false, clock_ms: wish.now_ms });
  if (repaired === null && isCut(letter)) return { kind: "left", why: "cut" };
  if (!verdict.ok && !wish.isForced) return { kind: "left", why: verdict.reason };
  const key = serviceOf(value);
  // In the partition of the service's other events, which are newer, old ones hold no watermark back. Of a letter that
  // named another service, or none, the repaired one goes where a producer's own record of that key would.
  const isInPlace = !isUnplaced(letter) && key !== null && key === serviceOf(letter.value);
  const partition = isInPlace ? letter.partition : null;
  const record = { letter, topic: letter.topic, partition, key, value, timestamp_ms, isEvent: verdict.ok };
  return { kind: "send", record };
}
