/** The real Kafka: topics of the test's own, produced to and read back. */
import { randomUUID } from "node:crypto";
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { until } from "./process-group.ts";

export interface Produced {
  readonly key: string;
  readonly value: string;
  readonly partition?: number;
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
  readonly #connection: { clientId: string; bootstrapBrokers: string[] };
  readonly #producer;

  constructor(brokers: string) {
    this.brokers = brokers;
    this.#connection = { clientId: "faultline-e2e", bootstrapBrokers: brokers.split(",") };
    // Idempotent: what the client repeats by itself would otherwise be in the topic twice, and counts here are exact.
    this.#producer = new Producer({
      ...this.#connection,
      serializers: stringSerializers,
      autocreateTopics: false,
      idempotent: true,
      retries: 10,
    });
  }

  async createTopics(partitions: number): Promise<void> {
    const admin = new Admin(this.#connection);
    await admin.createTopics({ topics: [this.topic], partitions, replicas: 1 });
    await admin.createTopics({ topics: [this.letters_topic], partitions: 1, replicas: 1 });
    await admin.close();
  }

  async produce(messages: readonly Produced[]): Promise<void> {
    for (let from = 0; from < messages.length; from += 1000) {
      await this.#producer.send({
        messages: messages.slice(from, from + 1000).map((message) => ({ topic: this.topic, ...message })),
      });
    }
  }

  /** Reads the dead letters until there are `count` from different places. */
  async letters(count: number, limit_ms: number): Promise<Letter[]> {
    const consumer = new Consumer({ ...this.#connection, groupId: randomUUID(), deserializers: stringDeserializers });
    const stream = await consumer.consume({ topics: [this.letters_topic], mode: "earliest", autocommit: false });
    const letters = new Map<string, Letter>();
    stream.on("data", (message: { value: string; headers: Map<string, string> }) => {
      const headers = Object.fromEntries(message.headers);
      letters.set(`${headers["partition"]}/${headers["offset"]}`, { value: message.value, headers });
    });
    try {
      return await until(`${count} dead letters`, limit_ms, () => {
        if (letters.size < count) throw new Error(`there are ${letters.size}`);
        return Promise.resolve([...letters.values()]);
      });
    } finally {
      await stream.close();
      await consumer.close(true);
    }
  }

  async close(): Promise<void> {
    const admin = new Admin(this.#connection);
    await admin.deleteTopics({ topics: [this.topic, this.letters_topic] });
    await admin.close();
    await this.#producer.close(true);
  }
}
