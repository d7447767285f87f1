/** The partitions of a bridge's heartbeat: optional, bounded, each once. */
import * as v from "valibot";
import { BEAT_PARTITIONS_MAX } from "../domain/resource.ts";

const TOPIC_RIGHT = "must be the name of a Kafka topic, 1 to 249 of the characters A-Z a-z 0-9 . _ -";
const PARTITION_RIGHT = "must be a whole number from 0 to 2147483647";
const LAG_RIGHT = "must be a whole number of messages, at least 0";
const ITEM_RIGHT = "topic, partition and lag";
const LIST_RIGHT = `must be a list of at most ${BEAT_PARTITIONS_MAX} partitions, or be left out`;

const partitionLag = v.object(
  {
    topic: v.pipe(v.string(TOPIC_RIGHT), v.regex(/^[A-Za-z0-9._-]{1,249}$/, TOPIC_RIGHT)),
    partition: v.pipe(
      v.number(PARTITION_RIGHT),
      v.integer(PARTITION_RIGHT),
      v.minValue(0, PARTITION_RIGHT),
      v.maxValue(2_147_483_647, PARTITION_RIGHT),
    ),
    lag: v.pipe(v.number(LAG_RIGHT), v.safeInteger(LAG_RIGHT), v.minValue(0, LAG_RIGHT)),
  },
  // JSON has no undefined: it stands for what is missing.
  ({ received }) =>
    received === "undefined" ? `missing; each has ${ITEM_RIGHT}` : `must be an object with ${ITEM_RIGHT}`,
);

export const partitionLags = v.pipe(
  v.array(partitionLag, LIST_RIGHT),
  v.maxLength(BEAT_PARTITIONS_MAX, LIST_RIGHT),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const seen = new Set<string>();
    for (const { topic, partition } of dataset.value) {
      const place = `${topic}/${partition}`;
      if (seen.has(place)) return addIssue({ message: `names ${place} twice` });
      seen.add(place);
    }
  }),
);
