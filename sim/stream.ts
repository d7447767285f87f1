/** What producers write: the log of each partition, with what the rules say of every message. */
import type { RejectReason } from "../domain/event.ts";
import { randomFor } from "../generator/random.ts";
import { START_MS, type TestEvent } from "../tests/monitor-harness.ts";
import { type Dice, diceOf } from "./dice.ts";
import type { Plan } from "./plan.ts";

export interface Message {
  readonly offset: number;
  /** Of the record; -1 where it has none. */
  readonly timestamp_ms: number;
  /** When it was written. */
  readonly written_ms: number;
  readonly value: string;
  readonly service: string;
  /** The event, or why it is none. */
  readonly event: TestEvent | RejectReason;
}

export type Log = readonly Message[];

/** The default of the setting `disorder_s`. */
const DISORDER_MS = 2000;
const DAY_MS = 86_400_000;

/** A fault of one service: from then on requests fail or are slow. */
interface Fault {
  readonly service: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly slow: boolean;
}

export function logsOf(plan: Plan): readonly Log[] {
  const dice = diceOf(randomFor(plan.seed, 2));
  const fault = faultOf(plan, dice);
  return Array.from({ length: plan.partitions }, () => logOf(plan, fault, dice));
}

function faultOf(plan: Plan, dice: Dice): Fault {
  const length_ms = plan.seconds * 1000;
  const from_ms = START_MS + Math.floor(length_ms * (0.4 + 0.3 * dice.unit()));
  const to_ms = from_ms + Math.floor(length_ms * (0.2 + 0.4 * dice.unit()));
  return { service: dice.pick(plan.services), from_ms, to_ms, slow: dice.chance(0.3) };
}

function logOf(plan: Plan, fault: Fault, dice: Dice): Log {
  const log: Message[] = [];
  const gap_ms = (1000 * plan.partitions) / plan.rate;
  const isOrderly = plan.kind === "orderly";
  let [offset, written_ms] = [dice.whole(0, 500), START_MS];
  const end_ms = START_MS + plan.seconds * 1000;
  while (written_ms < end_ms) {
    log.push(messageOf(plan, fault, { offset, written_ms }, dice));
    offset += dice.chance(0.1) ? dice.whole(2, 4) : 1;
    written_ms += Math.ceil(dice.exponential(gap_ms));
    // A partition that pauses.
    if (!isOrderly && dice.chance(0.01)) written_ms += dice.whole(2_000, 15_000);
  }
  return log;
}

interface Place {
  readonly offset: number;
  readonly written_ms: number;
}

function messageOf(plan: Plan, fault: Fault, { offset, written_ms }: Place, dice: Dice): Message {
  const isOrderly = plan.kind === "orderly";
  const service = dice.pick(plan.services);
  const back_ms = isOrderly ? dice.whole(0, DISORDER_MS) : behind(dice);
  const event_time_ms = Math.max(START_MS, written_ms - back_ms);
  const isFaulty = service === fault.service && event_time_ms >= fault.from_ms && event_time_ms < fault.to_ms;
  const fails = isFaulty && !fault.slow ? dice.chance(0.6) : dice.chance(0.01);
  const timestamp_ms = !isOrderly && dice.chance(0.02) ? -1 : written_ms;
  const event: TestEvent = {
    offset,
    timestamp_ms,
    event_time_ms,
    endpoint: `/${dice.pick(["pay", "cart", "orders"])}`,
    latency_us: dice.whole(20_000, 180_000) * (isFaulty && fault.slow ? 12 : 1),
    status_code: fails ? 503 : 200,
  };
  const placed = { offset, timestamp_ms, written_ms, service };
  const broken = dice.chance(0.03) ? dice.pick(BREAKAGES) : null;
  if (broken === null) return { ...placed, event, value: valueOf(service, event) };
  return { ...placed, event: broken.reason, value: broken.value(service, event) };
}

/** Mostly a little late, sometimes far. */
function behind(dice: Dice): number {
  if (dice.chance(0.03)) return dice.whole(0, 90_000);
  return dice.chance(0.2) ? dice.whole(0, 6_000) : dice.whole(0, 1_500);
}

/** As services write it. */
export function valueOf(service: string, event: TestEvent): string {
  return JSON.stringify(fieldsOf(service, event));
}

function fieldsOf(service: string, event: TestEvent): Record<string, unknown> {
  return {
    event_time: new Date(event.event_time_ms).toISOString(),
    service,
    endpoint: event.endpoint,
    latency_ms: event.latency_us / 1000,
    status_code: event.status_code,
  };
}

interface Breakage {
  readonly reason: RejectReason;
  readonly value: (service: string, event: TestEvent) => string;
}

const BREAKAGES: readonly Breakage[] = [
  { reason: "invalid_json", value: (service, event) => `${valueOf(service, event)},"offset":1` },
  { reason: "not_an_object", value: () => "null" },
  { reason: "invalid_service", value: (_, event) => valueOf("No Name", event) },
  { reason: "reserved_service", value: (_, event) => valueOf("faultline", event) },
  {
    reason: "invalid_status_code",
    value: (service, event) => JSON.stringify({ ...fieldsOf(service, event), status_code: 99 }),
  },
  {
    reason: "past",
    value: (service, event) => valueOf(service, { ...event, event_time_ms: event.event_time_ms - 3 * DAY_MS }),
  },
];
