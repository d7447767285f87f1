/** One replay: which letters, with what value, and what became of them. */
import type { KafkaClient } from "./kafka-client.ts";
import { isUnplaced, type Letter } from "./letter.ts";
import { LetterBox } from "./letter-box.ts";
import { type LetterFilter, passes } from "./letter-filter.ts";
import type { Repair } from "./letter-line.ts";
import { type LeftReason, planReplay, type ReplayRecord, type ReplayWish } from "./replay-plan.ts";

export interface ReplayPlan {
  readonly records: readonly ReplayRecord[];
  /** Letters that pass the filter and are left out, by reason. */
  readonly left: ReadonlyMap<LeftReason, number>;
  /** Letters that pass the filter and were sent back before. */
  readonly replayed: number;
  /** There are more than the limit: another run goes on with them. */
  readonly isLimited: boolean;
}

export interface RepairPlan {
  readonly records: readonly ReplayRecord[];
  readonly problems: readonly { readonly line: number; readonly problem: string }[];
  readonly replayed: number;
}

/** Letters as they are. */
export async function planAsIs(
  client: KafkaClient,
  topic: string,
  filter: LetterFilter,
  limit: number,
  wish: ReplayWish,
): Promise<ReplayPlan> {
  const records: ReplayRecord[] = [];
  const left = new Map<LeftReason, number>();
  let replayed = 0;
  const box = await LetterBox.open(client, topic);
  for await (const { letter, isReplayed } of box.letters()) {
    if (!passes(letter, filter)) continue;
    if (isReplayed) {
      replayed += 1;
      continue;
    }
    const planned =
      isUnplaced(letter) && filter.reason === null
        ? { kind: "left" as const, why: "unplaced" as const }
        : planReplay(letter, null, wish);
    if (planned.kind === "left") left.set(planned.why, (left.get(planned.why) ?? 0) + 1);
    else if (records.length < limit) records.push(planned.record);
    else return { records, left, replayed, isLimited: true };
  }
  return { records, left, replayed, isLimited: false };
}

/** Letters with their repaired values. */
export async function planRepaired(
  client: KafkaClient,
  topic: string,
  repairs: readonly Repair[],
  wish: ReplayWish,
): Promise<RepairPlan> {
  const waiting = new Map(repairs.map((repair) => [repair.letter, repair]));
  const records: ReplayRecord[] = [];
  const problems: { line: number; problem: string }[] = [];
  let replayed = 0;
  const box = await LetterBox.open(client, topic);
  for await (const { letter, isReplayed } of box.letters()) {
    const repair = waiting.get(letter.id);
    if (repair === undefined) continue;
    waiting.delete(letter.id);
    if (isReplayed) {
      replayed += 1;
      continue;
    }
    const planned = planReplay(letter, repair.value, wish);
    if (planned.kind === "send") records.push(planned.record);
    else problems.push({ line: repair.line, problem: planned.why });
  }
  for (const { line, letter } of waiting.values()) problems.push({ line, problem: `${topic} has no letter ${letter}` });
  return { records, problems: problems.toSorted((a, b) => a.line - b.line), replayed };
}

/** Letters that pass the filter and were not sent back. */
export async function* openLetters(client: KafkaClient, topic: string, filter: LetterFilter): AsyncGenerator<Letter> {
  const box = await LetterBox.open(client, topic);
  for await (const { letter, isReplayed } of box.letters()) {
    if (!isReplayed && passes(letter, filter)) yield letter;
  }
}
