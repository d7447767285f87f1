/**
 * The bridge's replicas: each partition has an owner that delivers it in order, one batch at a time, from the committed offset,
 * and repeats a batch for ever. A rebalance makes a new owner; the old one may live on for a while, as a zombie.
 */
import { positionOf } from "../tests/delivery.ts";
import type { Batch, Ledger } from "./ledger.ts";
import type { Log, Message } from "./stream.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Post, Posted } from "./worker-front.ts";

const RETRY_MS_MAX = 2_000;
const ZOMBIE_MS_MAX = 20_000;
const GHOST_MS_MAX = 20_000;
const POLL_MS_MAX = 2_500;

interface Owner {
  /** Index of the next message. */
  next: number;
  isAlive: boolean;
}

interface BridgePorts {
  readonly post: (post: Post) => Promise<Posted>;
  readonly ledger: Ledger;
  readonly logs: readonly Log[];
}

export class Bridge {
  readonly #surroundings: Surroundings;
  readonly #ports: BridgePorts;
  readonly #owners: Owner[];
  /** Index of the first message that is not known to be acknowledged, as Kafka's group has it. */
  readonly #committed: number[];

  constructor(surroundings: Surroundings, ports: BridgePorts) {
    this.#surroundings = surroundings;
    this.#ports = ports;
    this.#committed = ports.logs.map(() => 0);
    this.#owners = ports.logs.map(() => ({ next: 0, isAlive: true }));
  }

  start(): void {
    for (const partition of this.#owners.keys()) this.#go(partition, this.#owners[partition]!);
  }

  get isDone(): boolean {
    return this.#owners.every((owner, partition) => owner.next >= this.#ports.logs[partition]!.length);
  }

  /** Another replica takes the partition over from what was committed. */
  #rebalance(partition: number): void {
    const { dice, scheduler, trace } = this.#surroundings;
    const old = this.#owners[partition]!;
    trace(`partition ${partition} has a new owner from ${this.#committed[partition]}`);
    // One that was killed is gone at once, a partitioned one goes on until it learns of it.
    scheduler.after(dice.chance(0.4) ? 0 : dice.whole(0, ZOMBIE_MS_MAX), () => (old.isAlive = false));
    const owner = { next: this.#committed[partition]!, isAlive: true };
    this.#owners[partition] = owner;
    scheduler.after(dice.whole(1, 1_000), () => this.#go(partition, owner));
  }

  /** Delivers what there is of a partition, batch after batch. */
  #go(partition: number, owner: Owner): void {
    if (!owner.isAlive) return;
    const { plan, dice, scheduler, network } = this.#surroundings;
    const isOwner = this.#owners[partition] === owner;
    if (isOwner && dice.chance(network.chaos.rebalance / 4)) this.#rebalance(partition);
    const log = this.#ports.logs[partition]!;
    const most = log.slice(owner.next, owner.next + dice.whole(1, plan.batch_max));
    const messages = plan.kind === "orderly" ? most : most.filter(({ written_ms }) => written_ms <= scheduler.now_ms);
    if (messages.length === 0) {
      if (owner.next < log.length) scheduler.after(dice.whole(50, POLL_MS_MAX), () => this.#go(partition, owner));
      return;
    }
    void this.#deliver(partition, owner, messages);
  }

  async #deliver(partition: number, owner: Owner, messages: readonly Message[]): Promise<void> {
    const { dice, scheduler, network } = this.#surroundings;
    while (owner.isAlive) {
      if (dice.chance(network.chaos.duplicate / 4))
        scheduler.after(dice.whole(1, GHOST_MS_MAX), () => void this.#post({ partition, messages }));
      if (await this.#post({ partition, messages })) break;
      await scheduler.sleep(dice.whole(100, RETRY_MS_MAX));
      // Meanwhile it may hold another batch of the same offsets: it begins anew with what it has now.
      if (dice.chance(network.chaos.rebalance)) return this.#go(partition, owner);
    }
    if (!owner.isAlive) return;
    owner.next += messages.length;
    const isOwner = this.#owners[partition] === owner;
    // Offsets are committed once a while; those of a zombie are refused by the group.
    if (isOwner && dice.chance(0.6)) this.#committed[partition] = Math.max(this.#committed[partition]!, owner.next);
    scheduler.after(dice.whole(1, this.#pause()), () => this.#go(partition, owner));
  }

  #pause(): number {
    return this.#surroundings.plan.kind === "orderly" ? 800 : 4_000;
  }

  /** Whether the receiver acknowledged the batch, as far as the sender heard. */
  async #post(batch: Batch): Promise<boolean> {
    const { network, trace } = this.#surroundings;
    const { partition, messages } = batch;
    const position = positionOf(partition, messages);
    const span = `${position.first_offset}..${position.last_offset}`;
    const post = { lines: messages.map(lineOf), position, idempotency: null };
    try {
      const outcome = await network.call({ late: true }, async () => {
        const { outcome: answer, isAsked } = await this.#ports.post(post);
        if (!isAsked) this.#ports.ledger.unasked(batch);
        if (answer.kind === "done") this.#ports.ledger.answered(batch, answer.answer.rejected);
        return answer;
      });
      trace(`partition ${partition} ${span} ${outcome.kind}`);
      return outcome.kind === "done";
    } catch {
      trace(`partition ${partition} ${span} without an answer`);
      return false;
    }
  }
}

function lineOf({ offset, timestamp_ms, value }: Message): string {
  return `{"offset":${offset},"timestamp":${timestamp_ms},"event":${value}}`;
}
