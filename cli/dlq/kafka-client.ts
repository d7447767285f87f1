/** The Kafka client, loaded only where a command speaks to Kafka: the others start without waiting for it. */
import type { Admin, Consumer, Producer } from "@platformatic/kafka";
import { Failure, reasonOf } from "../failure.ts";
import type { KafkaOptions } from "./kafka-options.ts";

/** Repeated by the client itself before a request counts as failed. */
const RETRIES_MAX = 3;
const CONNECT_LIMIT_MS = 5_000;

export interface KafkaClient {
  readonly admin: Admin;
  readonly consumer: Consumer;
  /** Its transactions are of one name, so that of two replays of a topic the later one ends the earlier one. */
  producer(transactionalId: string): Producer;
  close(): Promise<void>;
}

async function connectKafka(options: KafkaOptions): Promise<KafkaClient> {
  const kafka = await import("@platformatic/kafka");
  const connection = {
    clientId: "faultline-dlq",
    bootstrapBrokers: [...options.brokers],
    connectTimeout: CONNECT_LIMIT_MS,
    retries: RETRIES_MAX,
    ...(options.tls === null ? {} : { tls: options.tls }),
    ...(options.sasl === null ? {} : { sasl: options.sasl }),
  };
  const admin = new kafka.Admin(connection);
  // It reads by offset and joins no group, so that nothing is committed and no permission on a group is needed.
  const consumer = new kafka.Consumer({ ...connection, groupId: "faultline-dlq" });
  const producers: Producer[] = [];
  return {
    admin,
    consumer,
    producer(transactionalId) {
      const producer = new kafka.Producer({
        ...connection,
        transactionalId,
        idempotent: true,
        autocreateTopics: false,
        // Clients of Java, and most others, place keys like that: a repaired event joins its service.
        partitioner: kafka.compatibilityPartitioner,
      });
      producers.push(producer);
      return producer;
    },
    close: async () => {
      await Promise.all([admin.close(), consumer.close(true), ...producers.map((producer) => producer.close(true))]);
    },
  };
}

/** Runs what speaks to Kafka and closes the connections; what Kafka refuses becomes a Failure with its reason. */
export async function withKafka<T>(options: KafkaOptions, use: (client: KafkaClient) => Promise<T>): Promise<T> {
  const client = await connectKafka(options);
  try {
    return await use(client);
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (!(error instanceof Error && "code" in error && String(error.code).startsWith("PLT_KFK_"))) throw error;
    throw new Failure(`Kafka at ${options.brokers.join(",")} cannot be used: ${innermostReason(error)}.`);
  } finally {
    await client.close();
  }
}

/** The client wraps what happened in what it was doing. */
function innermostReason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return innermostReason(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return innermostReason(error.cause);
  return reasonOf(error).replace(/\.$/, "");
}
