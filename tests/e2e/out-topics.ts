/** Topics that the publisher writes to, read from their beginning while it writes. */
import { randomUUID } from "node:crypto";
import { Admin, Consumer, stringDeserializers } from "@platformatic/kafka";

export interface OutMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly id: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export class OutTopics {
  readonly metrics = `aggregated_metrics-${randomUUID()}`;
  readonly anomalies = `anomalies-${randomUUID()}`;
  /** Everything so far; of each partition in its order. */
  readonly messages: OutMessage[] = [];
  readonly #connection: { clientId: string; bootstrapBrokers: string[] };
  readonly #consumer;
  #stream: { close(): Promise<void> } | null = null;

  constructor(brokers: string) {
    this.#connection = { clientId: "faultline-e2e", bootstrapBrokers: brokers.split(",") };
    this.#consumer = new Consumer({
      ...this.#connection,
      groupId: randomUUID(),
      deserializers: stringDeserializers,
    });
  }

  async create(partitions: number): Promise<void> {
    const admin = new Admin(this.#connection);
    await admin.createTopics({ topics: [this.metrics, this.anomalies], partitions, replicas: 1 });
    await admin.close();
    const topics = [this.metrics, this.anomalies];
    const stream = await this.#consumer.consume({ topics, mode: "earliest", autocommit: false });
    this.#stream = stream;
    stream.on("data", ({ topic, partition, key, value, headers }) => {
      // One header and no more: what Faultline's answer carried besides stays inside.
      const [[name, id] = ["", ""], ...more] = headers;
      if (name !== "id" || more.length > 0) throw new Error(`headers of a message: ${[...headers.keys()].join(", ")}`);
      const parsed = JSON.parse(value) as Record<string, unknown>;
      this.messages.push({ topic, partition, key, id, value: parsed });
    });
  }

  async remove(): Promise<void> {
    await this.#stream?.close();
    await this.#consumer.close(true);
    const admin = new Admin(this.#connection);
    await admin.deleteTopics({ topics: [this.metrics, this.anomalies] });
    await admin.close();
  }
}
