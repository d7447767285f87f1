/** Reads a whole topic, from what it still holds to the end that it had at the beginning; of transactions only what was committed. */
import type { Consumer, RecordsBatch } from "@platformatic/kafka";
import { Failure } from "../failure.ts";
import type { KafkaClient } from "./kafka-client.ts";

const FETCH_BYTES = 4 * 1024 * 1024;
const FETCH_WAIT_MS = 500;
/** Answers without a record in a row, while records must be there, after which a partition counts as unreadable. */
const EMPTY_ANSWERS_MAX = 20;

/** Bits of a batch's attributes: kafka.apache.org/documentation/#recordbatch. */
const APPEND_TIME = 1 << 3;
const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;
const READ_UNCOMMITTED = 0;
const EARLIEST = -2n;
const LATEST = -1n;

export interface TopicRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly timestamp_ms: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Of headers of the same name the last one; none without a value. */
  readonly headers: ReadonlyMap<string, string>;
}

interface Stretch {
  readonly partition: number;
  readonly leader: number;
  readonly first: bigint;
  /** The offset after the last record. */
  readonly end: bigint;
}

export interface TopicExtent {
  readonly topic: string;
  readonly id: string;
  readonly stretches: readonly Stretch[];
}

/** What the topic holds now. A Failure where there is no such topic. */
export async function topicExtent({ admin, consumer }: KafkaClient, topic: string): Promise<TopicExtent> {
  if (!(await admin.listTopics()).includes(topic)) throw new Failure(`there is no topic ${topic} in this Kafka.`);
  const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
  const metadata = topics.get(topic);
  if (metadata === undefined) throw new Failure(`Kafka tells nothing of the topic ${topic}.`);
  const isolationLevel = READ_UNCOMMITTED;
  const firsts = await consumer.listOffsets({ topics: [topic], timestamp: EARLIEST, isolationLevel });
  const ends = await consumer.listOffsets({ topics: [topic], timestamp: LATEST, isolationLevel });
  const stretches = metadata.partitions.map(({ leader }, partition) => {
    const [first, end] = [firsts.get(topic)?.[partition], ends.get(topic)?.[partition]];
    if (first === undefined || end === undefined)
      throw new Failure(`Kafka tells no offsets of ${topic}, partition ${partition}.`);
    return { partition, leader, first, end };
  });
  return { topic, id: metadata.id, stretches };
}

/** Partition by partition, each in its order but for what a transaction held back until its end. */
export async function* readTopic(client: KafkaClient, extent: TopicExtent): AsyncGenerator<TopicRecord> {
  for (const stretch of extent.stretches) {
    const committed = new Committed();
    for await (const batch of batchesOf(client.consumer, extent, stretch)) {
      yield* committed.recordsOf(batch, recordsOf(batch, stretch));
    }
  }
}

async function* batchesOf(
  consumer: Consumer,
  { topic, id }: TopicExtent,
  { partition, leader, first, end }: Stretch,
): AsyncGenerator<RecordsBatch> {
  let next = first;
  let empty_answers = 0;
  while (next < end) {
    const { responses } = await consumer.fetch({
      node: leader,
      maxWaitTime: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      isolationLevel: READ_UNCOMMITTED,
      topics: [
        {
          topicId: id,
          partitions: [
            {
              partition,
              currentLeaderEpoch: -1,
              fetchOffset: next,
              lastFetchedEpoch: -1,
              partitionMaxBytes: FETCH_BYTES,
            },
          ],
        },
      ],
    });
    const batches = responses.flatMap(({ partitions }) =>
      partitions.filter(({ partitionIndex }) => partitionIndex === partition).flatMap(({ records }) => records ?? []),
    );
    empty_answers = batches.length === 0 ? empty_answers + 1 : 0;
    if (empty_answers > EMPTY_ANSWERS_MAX)
      throw new Failure(`${topic}, partition ${partition}, cannot be read beyond offset ${next}.`);
    for (const batch of batches) {
      const batch_end = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
      // A fetch from the middle of a batch brings all of it.
      if (batch_end <= next) continue;
      next = batch_end;
      yield batch;
    }
  }
}

function recordsOf(batch: RecordsBatch, { partition, first, end }: Stretch): TopicRecord[] {
  return batch.records
    .map((record) => ({
      partition,
      offset: batch.firstOffset + BigInt(record.offsetDelta),
      timestamp_ms: Number(
        (batch.attributes & APPEND_TIME) === 0 ? batch.firstTimestamp + record.timestampDelta : batch.maxTimestamp,
      ),
      key: record.key,
      value: record.value,
      headers: headersOf(record.headers),
    }))
    .filter(({ offset }) => offset >= first && offset < end);
}

function headersOf(headers: RecordsBatch["records"][number]["headers"]): Map<string, string> {
  const named = new Map<string, string>();
  for (const [name, value] of headers) {
    if (name !== null && value !== null) named.set(name.toString("utf8"), value.toString("utf8"));
  }
  return named;
}

/**
 * Holds the records of transactions back until their markers. The client's own filter is of no use here: of several aborted
 * transactions of one producer in one answer it knows the last, and of one that is still open it lets everything pass.
 */
class Committed {
  readonly #open = new Map<bigint, TopicRecord[]>();

  *recordsOf(batch: RecordsBatch, records: readonly TopicRecord[]): Generator<TopicRecord> {
    const { attributes, producerId } = batch;
    if ((attributes & CONTROL) !== 0) {
      // The key of a marker: version (int16), then 0 for abort and 1 for commit.
      const isCommit = batch.records[0]?.key?.readInt16BE(2) === 1;
      if (isCommit) yield* this.#open.get(producerId) ?? [];
      this.#open.delete(producerId);
    } else if ((attributes & TRANSACTIONAL) !== 0) {
      this.#open.set(producerId, [...(this.#open.get(producerId) ?? []), ...records]);
    } else {
      yield* records;
    }
  }
}
