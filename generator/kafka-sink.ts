/** Kafka: the value is the event, the key its service, so that a service's events stay in order in one partition. */
import { randomUUID } from "node:crypto";
import { Admin, Producer, stringSerializers } from "@platformatic/kafka";
import { setTimeout as delay } from "node:timers/promises";
import { GeneratorFailure, reasonOf, Unavailable } from "./failure.ts";
import type { KafkaTarget } from "./options.ts";
import type { Sink } from "./sink.ts";

/** Ten seconds for the leaders of a new topic. */
const LEADER_LOOKS_MAX = 100;
const LEADER_LOOK_MS = 100;
/** Repeated by the client itself before the batch counts as not taken. */
const RETRIES_MAX = 10;

export async function createKafkaSink(target: KafkaTarget): Promise<Sink> {
  const connection = { clientId: `faultline-generator-${randomUUID()}`, bootstrapBrokers: [...target.brokers] };
  await prepareTopic(target, connection);
  // Idempotent: where one partition of a request fails, the client repeats all of it, and the broker drops what it has.
  const producer = new Producer({
    ...connection,
    serializers: stringSerializers,
    autocreateTopics: false,
    idempotent: true,
    retries: RETRIES_MAX,
  });
  return {
    name: `${target.brokers.join(",")} topic ${target.topic}`,
    send: async (batch, _key, ended) => {
      const messages = batch.map((event) => ({
        topic: target.topic,
        key: event.service,
        value: JSON.stringify(event),
      }));
      try {
        await producer.send({ messages });
      } catch (error) {
        ended.throwIfAborted();
        throw new Unavailable(reasonOf(error));
      }
      return { accepted: batch.length, rejected: 0, reason: null };
    },
    close: async () => producer.close(true),
  };
}

/**
 * A new topic answers before each of its partitions has a leader. A batch sent in between would fail in part and be doubled
 * by its repetition.
 */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  for (let looks = 0; looks < LEADER_LOOKS_MAX; looks += 1) {
    const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
    const partitions = topics.get(topic)?.partitions ?? [];
    if (partitions.length > 0 && partitions.every((partition) => partition.leader >= 0)) return;
    await delay(LEADER_LOOK_MS);
  }
  throw new GeneratorFailure(`topic ${topic} was made but its partitions have no leaders yet: start again.`, 1);
}

/** Makes sure that the topic is there before the first event: no broker of ours makes topics by itself. */
async function prepareTopic(
  target: KafkaTarget,
  connection: { readonly clientId: string; readonly bootstrapBrokers: string[] },
): Promise<void> {
  const admin = new Admin(connection);
  try {
    const topics = await admin.listTopics();
    if (topics.includes(target.topic)) return;
    if (target.partitions_created === null) {
      throw new GeneratorFailure(`topic ${target.topic} is not there: create it, or say --create-topic.`, 1);
    }
    await admin.createTopics({ topics: [target.topic], partitions: target.partitions_created, replicas: 1 });
    await untilLed(admin, target.topic);
  } catch (error) {
    if (error instanceof GeneratorFailure) throw error;
    throw new GeneratorFailure(`Kafka at ${target.brokers.join(",")} cannot be used: ${reasonOf(error)}.`, 1);
  } finally {
    await admin.close();
  }
}
