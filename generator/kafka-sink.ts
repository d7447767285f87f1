/** Kafka: the value is the event, the key its service, so that a service's events stay in order in one partition. */
import { randomUUID } from "node:crypto";
import { Admin, Producer, stringSerializers } from "@platformatic/kafka";
import { GeneratorFailure, reasonOf, Unavailable } from "./failure.ts";
import type { KafkaTarget } from "./options.ts";
import type { Sink } from "./sink.ts";

export async function createKafkaSink(target: KafkaTarget): Promise<Sink> {
  const connection = { clientId: `faultline-generator-${randomUUID()}`, bootstrapBrokers: [...target.brokers] };
  await prepareTopic(target, connection);
  const producer = new Producer({ ...connection, serializers: stringSerializers, acks: -1, autocreateTopics: false });
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
  } catch (error) {
    if (error instanceof GeneratorFailure) throw error;
    throw new GeneratorFailure(`Kafka at ${target.brokers.join(",")} cannot be used: ${reasonOf(error)}.`, 1);
  } finally {
    await admin.close();
  }
}
