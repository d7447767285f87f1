/** `faultline dlq`: what the dead-letter topic holds. */
import { Failure } from "../failure.ts";
import { parseOptions, parseWhole } from "../options.ts";
import { KAFKA_HELP, KAFKA_OPTIONS, KAFKA_VARIABLES_HELP, parseKafkaOptions, parseTopic } from "./kafka-options.ts";
import { withKafka } from "./kafka-client.ts";
import { LetterBox } from "./letter-box.ts";
import { FILTER_HELP, FILTER_OPTIONS, parseFilter, passes } from "./letter-filter.ts";
import { LetterSummary } from "./letter-summary.ts";
import { letterTable } from "./letter-table.ts";

const SAMPLES_MAX = 1000;

const HELP = `Usage: faultline dlq [options]
       faultline dlq replay [options]

Lists the dead letters: the events that were refused, by reason, with counts and samples. A letter that was written
more than once, as after a kill, counts once; what was sent back already is no sample.

${FILTER_HELP}
  --limit N         samples of each reason, 0 to ${SAMPLES_MAX} (2)
  --json            one object: topic, letters, replayed, records, repeats, foreign, reasons
${KAFKA_HELP}
  --help            this text

${KAFKA_VARIABLES_HELP}

Ends with 0; with 1 where Kafka cannot be used or has no such topic; with 2 for a wrong option.
`;

export async function connectedList(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    argv,
    {
      ...FILTER_OPTIONS,
      limit: { type: "string", default: "2" },
      json: { type: "boolean", default: false },
      ...KAFKA_OPTIONS,
      help: { type: "boolean", short: "h", default: false },
    },
    "faultline dlq",
    true,
  );
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 0) throw new Failure("dlq takes `replay` or options (`faultline dlq --help`).", 2);
  const filter = parseFilter(values, Date.now());
  const summary = new LetterSummary(parseWhole("limit", values.limit, 0, SAMPLES_MAX));
  const topic = parseTopic(values.topic, process.env);
  const counts = await withKafka(parseKafkaOptions(values.brokers, process.env), async (client) => {
    const box = await LetterBox.open(client, topic);
    for await (const boxed of box.letters()) {
      if (passes(boxed.letter, filter)) summary.add(boxed);
    }
    return box.counts;
  });
  const found = summary.summary(topic, counts);
  process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : `${letterTable(found).join("\n")}\n`);
  return 0;
}
