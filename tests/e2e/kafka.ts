/** The real Kafka: topics of the test's own, produced to and read back, and the group of its bridge. */
import { randomUUID } from "node:crypto";
import { Admin, Consumer, Producer, stringDeserializer, stringSerializer } from "@platformatic/kafka";
import { until } from "./process-group.ts";

const SEND_COUNT = 1000;
/** Kafka's number for the end of a partition in a request for offsets. */
const LATEST = -1n;

export interface Produced {
  readonly key?: string;
  /** Left out: a tombstone. */
  readonly value?: string | Buffer;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A message as Kafka holds it. */
export interface Stored {
  readonly partition: number;
  readonly offset: number;
  /** Kafka's own, ms. */
  readonly timestamp: number;
  readonly key: string | null;
  /** Null for a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A message of the dead-letter topic. */
export interface Letter {
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class TestKafka {
  readonly brokers: string;
  readonly topic = `raw_events-${randomUUID()}`;
  readonly letters_topic = `raw_events_dlq-${randomUUID()}`;
  readonly #connection: { clientId: string; bootstrapBrokers: string[]; retries: number };
  readonly #admin: Admin;
  readonly #producer;
  #partitions = 0;

  constructor(brokers: string) {
    this.brokers = brokers;
    this.#connection = { clientId: "faultline-e2e", bootstrapBrokers: brokers.split(","), retries: 10 };
    this.#admin = new Admin(this.#connection);
    this.#producer = this.#newProducer();
  }

  /** Idempotent: what the client repeats by itself would otherwise be in the topic twice, and counts here are exact. */
  #newProducer(transactionalId?: string) {
    return new Producer<string, Buffer, string, string>({
      ...this.#connection,
      serializers: { key: stringSerializer, headerKey: stringSerializer, headerValue: stringSerializer },
      autocreateTopics: false,
      idempotent: true,
      ...(transactionalId === undefined ? {} : { transactionalId }),
    });
  }

  async createTopics(partitions: number): Promise<void> {
    await this.createEventsTopic(partitions);
    await this.createLettersTopic();
  }

  async createEventsTopic(partitions: number): Promise<void> {
    this.#partitions = partitions;
    await this.#create(this.topic, partitions);
  }

  async createLettersTopic(): Promise<void> {
    await this.#create(this.letters_topic, 1);
  }

  /** A topic answers before each of its partitions has a leader: what is sent in between fails in part. */
  async #create(topic: string, partitions: number): Promise<void> {
    await this.#admin.createTopics({ topics: [topic], partitions, replicas: 1 });
    await until(`leaders of ${topic}`, 20_000, async () => {
      const { topics } = await this.#admin.metadata({ topics: [topic], forceUpdate: true });
      const led = topics.get(topic)?.partitions.filter((partition) => partition.leader >= 0) ?? [];
      return led.length === partitions ? true : undefined;
    });
  }

  async deleteEventsTopic(): Promise<void> {
    await this.#delete(this.topic);
  }

  async deleteLettersTopic(): Promise<void> {
    await this.#delete(this.letters_topic);
  }

  async #delete(topic: string): Promise<void> {
    await this.#admin.deleteTopics({ topics: [topic] });
    await until(`the end of ${topic}`, 20_000, async () =>
      (await this.#admin.listTopics()).includes(topic) ? undefined : true,
    );
  }

  async produce(messages: readonly Produced[]): Promise<void> {
    for (let from = 0; from < messages.length; from += SEND_COUNT)
      await this.#producer.send({ messages: this.#toSend(messages.slice(from, from + SEND_COUNT)) });
  }

  /** Messages of a transaction that is still open; what is aborted stays in the log, but nobody may count it. */
  async openTransaction(messages: readonly Produced[]): Promise<Record<"commit" | "abort", () => Promise<void>>> {
    const producer = this.#newProducer(randomUUID());
    const transaction = await producer.beginTransaction();
    await transaction.send({ messages: this.#toSend(messages) });
    const end = async (how: "commit" | "abort"): Promise<void> => {
      await transaction[how]();
      await producer.close(true);
    };
    return { commit: () => end("commit"), abort: () => end("abort") };
  }

  #toSend(messages: readonly Produced[]) {
    return messages.map(({ value, headers, ...message }) => ({
      topic: this.topic,
      ...message,
      ...(value === undefined ? {} : { value: Buffer.from(value) }),
      ...(headers === undefined ? {} : { headers: new Map(Object.entries(headers)) }),
    }));
  }

  /** All that a topic without transactions holds now, in order within each partition. */
  async stored(topic: string, partitions: number): Promise<Stored[]> {
    const ends = await this.#ends(topic, partitions);
    const messages: Stored[] = [];
    let left = ends.reduce((sum, end) => sum + end, 0);
    if (left === 0) return messages;
    const consumer = new Consumer<string, Buffer, string, string>({
      ...this.#connection,
      groupId: randomUUID(),
      deserializers: { key: stringDeserializer, headerKey: stringDeserializer, headerValue: stringDeserializer },
    });
    const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false, maxWaitTime: 200 });
    for await (const { partition, offset, timestamp, key, value, headers } of stream) {
      if (Number(offset) >= (ends[partition] ?? 0)) continue;
      messages.push({
        partition,
        offset: Number(offset),
        timestamp: Number(timestamp),
        key: key ?? null,
        value: value ?? null,
        headers: Object.fromEntries(headers),
      });
      left -= 1;
      if (left === 0) break;
    }
    await stream.close();
    await consumer.close(true);
    return messages;
  }

  /** The events that the topic holds now. */
  events(): Promise<Stored[]> {
    return this.stored(this.topic, this.#partitions);
  }

  /** The dead letters that are there now. */
  async lettersNow(): Promise<Stored[]> {
    return await this.stored(this.letters_topic, 1);
  }

  /** Reads the dead letters until there are `count` from different places. */
  async letters(count: number, limit_ms: number): Promise<Letter[]> {
    return await until(`${count} dead letters`, limit_ms, async () => {
      const letters = new Map<string, Letter>();
      for (const { value, headers } of await this.lettersNow())
        letters.set(`${headers["partition"]}/${headers["offset"]}`, { value: String(value ?? ""), headers });
      if (letters.size < count) throw new Error(`there are ${letters.size}`);
      return [...letters.values()];
    });
  }

  /** The offset after the last message of each partition, control records included. */
  ends(): Promise<number[]> {
    return this.#ends(this.topic, this.#partitions);
  }

  async #ends(topic: string, partitions: number): Promise<number[]> {
    const [listed] = await this.#admin.listOffsets({
      topics: [
        {
          name: topic,
          partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({
            partitionIndex,
            timestamp: LATEST,
          })),
        },
      ],
    });
    const ends = Array.from({ length: partitions }, () => 0);
    for (const { partitionIndex, offset } of listed?.partitions ?? []) ends[partitionIndex] = Number(offset);
    return ends;
  }

  /** What a group has acknowledged of each partition; 0 where nothing. */
  async committed(group: string): Promise<number[]> {
    const [found] = await this.#admin.listConsumerGroupOffsets({ groups: [group] });
    const offsets = Array.from({ length: this.#partitions }, () => 0);
    for (const { partitionIndex, committedOffset } of found?.topics.find(({ name }) => name === this.topic)
      ?.partitions ?? [])
      offsets[partitionIndex] = Math.max(0, Number(committedOffset));
    return offsets;
  }

  /** Back to the earliest offset. A stopped bridge leaves the group only when its session times out, 10 s later. */
  async resetGroup(group: string): Promise<void> {
    const partitionOffsets = Array.from({ length: this.#partitions }, (_, partition) => ({ partition, offset: 0n }));
    await until("a reset of the group", 30_000, async () => {
      await this.#admin.alterConsumerGroupOffsets({
        groupId: group,
        topics: [{ name: this.topic, partitionOffsets }],
      });
      return true;
    });
  }

  async deleteGroup(group: string): Promise<void> {
    await until("the deletion of the group", 30_000, async () => {
      await this.#admin.deleteGroups({ groups: [group] });
      return true;
    });
  }

  async close(): Promise<void> {
    const topics = (await this.#admin.listTopics()).filter((name) => [this.topic, this.letters_topic].includes(name));
    await this.#admin.deleteTopics({ topics });
    await this.#admin.close();
    await this.#producer.close(true);
  }
}
