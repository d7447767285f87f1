/** Sends letters back to their topics, each once: the record and the letter's receipt are one transaction. */
import { Buffer } from "node:buffer";
import type { MessageToProduce, Producer } from "@platformatic/kafka";
import { Failure } from "../failure.ts";
import type { KafkaClient } from "./kafka-client.ts";
import { receiptHeaders } from "./letter.ts";
import type { ReplayRecord } from "./replay-plan.ts";

/** Of a transaction. A broker takes a batch of 1 MB by default, and a letter has up to 900,000 bytes. */
const LETTERS_MAX = 500;
const VALUE_BYTES_MAX = 100_000;

/** Names the letter in the record that replays it. */
const LETTER_HEADER = "faultline_letter";
/** Tells the bridge's mapping that the value is an event already. */
const EVENT_HEADER = "faultline_event";

/** Unknown to the broker yet: it gives both out. The client's own default of 0 is refused for a name that was used before. */
const NEW_PRODUCER = { producerId: -1n, producerEpoch: -1 } as const;

export class ReplaySender {
  readonly #box: string;
  readonly #producer: Producer;
  readonly #partitions = new Map<string, number>();
  readonly #client: KafkaClient;

  private constructor(client: KafkaClient, box: string) {
    this.#client = client;
    this.#box = box;
    this.#producer = client.producer(`faultline-dlq-replay-${box}`);
  }

  /**
   * From here on no other replay of this dead-letter topic can commit, and what one left open is aborted. So receipts that are
   * read after this are all there will be but for those of this sender.
   */
  static async open(client: KafkaClient, box: string): Promise<ReplaySender> {
    const sender = new ReplaySender(client, box);
    const first = await sender.#producer.beginTransaction(NEW_PRODUCER);
    await first.cancel();
    return sender;
  }

  /** Durable when it returns; `onSent` is called with the number so far. A Failure where a topic is missing. */
  async send(records: readonly ReplayRecord[], now: () => Date, onSent: (count: number) => void): Promise<void> {
    await this.#learnTopics(new Set(records.map(({ topic }) => topic)));
    let sent = 0;
    for (const chunk of chunksOf(records)) {
      await this.#sendChunk(chunk, now().toISOString());
      sent += chunk.length;
      onSent(sent);
    }
  }

  async #sendChunk(chunk: readonly ReplayRecord[], replayed_at: string): Promise<void> {
    try {
      const transaction = await this.#producer.beginTransaction(NEW_PRODUCER);
      await transaction.send({ messages: chunk.flatMap((record) => this.#messagesOf(record, replayed_at)) });
      await transaction.commit();
    } catch (error) {
      if (!isFenced(error)) throw error;
      throw new Failure(`another replay of ${this.#box} has begun since: it goes on with the letters that are left.`);
    }
  }

  async #learnTopics(topics: ReadonlySet<string>): Promise<void> {
    const known = await this.#client.admin.listTopics();
    for (const topic of topics) {
      if (!known.includes(topic)) throw new Failure(`the letters' topic ${topic} is not in this Kafka.`);
      const { topics: found } = await this.#client.admin.metadata({ topics: [topic] });
      this.#partitions.set(topic, found.get(topic)?.partitionsCount ?? 0);
    }
  }

  #messagesOf(record: ReplayRecord, replayed_at: string): MessageToProduce[] {
    const { letter, topic, value, timestamp_ms, isEvent } = record;
    const headers = new Map([[LETTER_HEADER, letter.id]]);
    if (isEvent) headers.set(EVENT_HEADER, "1");
    const replayed = {
      topic,
      value: Buffer.from(value),
      headers: bytesOf(headers),
      ...this.#placeOf(record),
      ...(timestamp_ms === null ? {} : { timestamp: BigInt(timestamp_ms) }),
    };
    const receipt = {
      topic: this.#box,
      // Beside its letter, so that retention never takes the receipt first.
      partition: letter.box_partition,
      ...(letter.key === null ? {} : { key: Buffer.from(letter.key) }),
      // The client's type has no word for a tombstone; it writes null where there is no value.
      headers: bytesOf(receiptHeaders(letter, replayed_at)),
    };
    return [replayed, receipt];
  }

  #placeOf({ topic, partition, key }: ReplayRecord): { readonly key?: Buffer; readonly partition?: number } {
    const keyed = key === null ? {} : { key: Buffer.from(key, "utf8") };
    // A topic that was made anew may have fewer partitions.
    const isThere = partition !== null && partition < (this.#partitions.get(topic) ?? 0);
    return isThere ? { ...keyed, partition } : keyed;
  }
}

function* chunksOf(records: readonly ReplayRecord[]): Generator<ReplayRecord[]> {
  let chunk: ReplayRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (chunk.length > 0 && (chunk.length >= LETTERS_MAX || bytes + record.value.length > VALUE_BYTES_MAX)) {
      yield chunk;
      [chunk, bytes] = [[], 0];
    }
    chunk.push(record);
    bytes += record.value.length;
  }
  if (chunk.length > 0) yield chunk;
}

function bytesOf(headers: ReadonlyMap<string, string>): Map<Buffer, Buffer> {
  return new Map([...headers].map(([name, value]) => [Buffer.from(name, "utf8"), Buffer.from(value, "utf8")]));
}

/** Kafka's word that a newer producer of the same name is there: an old epoch, or fenced outright. */
function isFenced(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isFenced);
  if (!(error instanceof Error)) return false;
  const isNamed = "apiId" in error && (error.apiId === "PRODUCER_FENCED" || error.apiId === "INVALID_PRODUCER_EPOCH");
  return isNamed || isFenced(error.cause);
}
