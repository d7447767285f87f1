/** The dead-letter topic read as letters: each once, however often it was written, with whether it was sent back. */
import type { KafkaClient } from "./kafka-client.ts";
import { type Letter, readDeadRecord } from "./letter.ts";
import { readTopic, topicExtent, type TopicExtent } from "./topic-reader.ts";

export interface BoxCounts {
  /** All but receipts. */
  records: number;
  /** Letters written again, as after a kill between writing and acknowledging. */
  repeats: number;
  /** Records that are no letters. */
  foreign: number;
}

export interface BoxedLetter {
  readonly letter: Letter;
  readonly isReplayed: boolean;
}

export class LetterBox {
  readonly counts: BoxCounts = { records: 0, repeats: 0, foreign: 0 };
  readonly #client: KafkaClient;
  readonly #extent: TopicExtent;

  private constructor(client: KafkaClient, extent: TopicExtent) {
    this.#client = client;
    this.#extent = extent;
  }

  /** What the topic holds now: what is written later is not read. A Failure where there is no such topic. */
  static async open(client: KafkaClient, topic: string): Promise<LetterBox> {
    return new LetterBox(client, await topicExtent(client, topic));
  }

  /** Reads the topic twice, first for its receipts: memory grows with the number of letters, not with what they hold. */
  async *letters(): AsyncGenerator<BoxedLetter> {
    const replayed = await this.#receipts();
    const seen = new Set<string>();
    for await (const record of readTopic(this.#client, this.#extent)) {
      const dead = readDeadRecord(record);
      if (dead.kind === "receipt") continue;
      this.counts.records += 1;
      if (dead.kind === "foreign") {
        this.counts.foreign += 1;
      } else if (seen.has(dead.letter.id)) {
        this.counts.repeats += 1;
      } else {
        seen.add(dead.letter.id);
        yield { letter: dead.letter, isReplayed: replayed.has(dead.letter.id) };
      }
    }
  }

  async #receipts(): Promise<ReadonlySet<string>> {
    const replayed = new Set<string>();
    for await (const record of readTopic(this.#client, this.#extent)) {
      const dead = readDeadRecord(record);
      if (dead.kind === "receipt") replayed.add(dead.id);
    }
    return replayed;
  }
}
