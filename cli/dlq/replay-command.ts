/** `faultline dlq replay`: dead letters back to the topic that they came from, as they are or repaired. */
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { Failure, reasonOf } from "../failure.ts";
import { parseOptions, parseWhole } from "../options.ts";
import { number } from "../plain-text.ts";
import { type KafkaClient, withKafka } from "./kafka-client.ts";
import { KAFKA_HELP, KAFKA_OPTIONS, KAFKA_VARIABLES_HELP, parseKafkaOptions, parseTopic } from "./kafka-options.ts";
import { FILTER_HELP, FILTER_OPTIONS, parseFilter } from "./letter-filter.ts";
import { letterLine, parseRepairs } from "./letter-line.ts";
import { LEFT_REASONS, type ReplayRecord, type ReplayWish } from "./replay-plan.ts";
import { openLetters, planAsIs, planRepaired } from "./replay-run.ts";
import { ReplaySender } from "./replay-sender.ts";

const LIMIT_MAX = 100_000;
const PROBLEMS_SHOWN = 20;

const HELP = `Usage: faultline dlq replay [options]

Sends dead letters back to the topic that they came from, for the bridge to deliver again. Without --yes it only says
what it would do. A letter is sent once: it and its receipt, a record in the dead-letter topic, are one transaction of
Kafka, and of two replays at a time the later one ends the earlier one.

Letters go as they are where that can help: after a quarantine was lifted, or services_max was raised. What the rules
of events would refuse again is left out, and named. To repair those:

  faultline dlq replay --reason invalid_latency_ms --export letters.ndjson
  jq -c '.event.latency_ms |= tonumber' letters.ndjson > repaired.ndjson
  faultline dlq replay --import repaired.ndjson --yes

${FILTER_HELP}
  --limit N         at most so many letters, 1 to ${LIMIT_MAX} (10000); another run goes on with the next ones
  --export FILE     writes them instead, one JSON object a line: letter, reason, detail, and event, text or base64
  --import FILE     sends the repaired lines of such a file; other letters are left alone
  --now             gives the records the present time, against which future and past are then judged; else each keeps
                    the time of the record that was refused
  --force           sends what the rules would refuse too: the bridge's mapping may make events of it
  --yes             sends
  --json            one object: topic, sent or would_send, replayed_before, left, wrong, more
${KAFKA_HELP}
  --help            this text

${KAFKA_VARIABLES_HELP}

Ends with 0; with 1 where Kafka cannot be used, or lines of --import are wrong (then nothing is sent); with 2 for a
wrong option.
`;

const OPTIONS = {
  ...FILTER_OPTIONS,
  limit: { type: "string", default: "10000" },
  export: { type: "string" },
  import: { type: "string" },
  now: { type: "boolean", default: false },
  force: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  ...KAFKA_OPTIONS,
  help: { type: "boolean", short: "h", default: false },
} as const;

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>["values"];

export async function replayLetters(argv: readonly string[]): Promise<number> {
  const { values } = parseOptions(argv, OPTIONS, "faultline dlq replay");
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.export !== undefined && (values.import !== undefined || values.yes))
    throw new Failure("--export sends nothing: say it without --import and --yes.", 2);
  const topic = parseTopic(values.topic, process.env);
  const kafka = parseKafkaOptions(values.brokers, process.env);
  return await withKafka(kafka, async (client) => {
    if (values.export !== undefined) return await exportLetters(client, topic, values, values.export);
    return await replayOnce(client, topic, values);
  });
}

async function exportLetters(client: KafkaClient, topic: string, values: Values, path: string): Promise<number> {
  const filter = parseFilter(values, Date.now());
  const limit = parseWhole("limit", values.limit, 1, LIMIT_MAX);
  const file = createWriteStream(path, { flags: "wx" });
  let written = 0;
  try {
    await once(file, "open");
    for await (const letter of openLetters(client, topic, filter)) {
      if (!file.write(`${JSON.stringify(letterLine(letter))}\n`)) await once(file, "drain");
      written += 1;
      if (written === limit) break;
    }
    file.end();
    await once(file, "close");
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw new Failure(`${path} cannot be written: ${error.message}.`);
    throw error;
  }
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ topic, exported: written })}\n`
      : `${number(written)} letters stand in ${path}.\n`,
  );
  return 0;
}

/** What is the same of letters as they are and of repaired ones. */
interface Plan {
  readonly records: readonly ReplayRecord[];
  readonly replayed: number;
  /** Left out, by reason. */
  readonly left: Readonly<Record<string, number>>;
  readonly wrong: readonly { readonly line: number; readonly problem: string }[];
  readonly isLimited: boolean;
}

async function replayOnce(client: KafkaClient, topic: string, values: Values): Promise<number> {
  // Before the letters and receipts are read: what another replay is about to write is then there, or will never be.
  const sender = values.yes ? await ReplaySender.open(client, topic) : null;
  const plan = await planOf(client, topic, values);
  const isSent = sender !== null && plan.wrong.length === 0;
  if (isSent) {
    const total = number(plan.records.length);
    await sender.send(
      plan.records,
      () => new Date(),
      (count) => {
        if (process.stderr.isTTY) process.stderr.write(`\rdlq: ${number(count)} of ${total} sent back`);
      },
    );
    if (process.stderr.isTTY && plan.records.length > 0) process.stderr.write("\n");
  }
  const said = values.json ? [JSON.stringify(jsonOf(topic, plan, isSent))] : textOf(plan, isSent);
  process.stdout.write(`${said.join("\n")}\n`);
  return plan.wrong.length === 0 ? 0 : 1;
}

async function planOf(client: KafkaClient, topic: string, values: Values): Promise<Plan> {
  const wish: ReplayWish = { isNow: values.now, isForced: values.force, now_ms: Date.now() };
  if (values.import === undefined) {
    const limit = parseWhole("limit", values.limit, 1, LIMIT_MAX);
    const plan = await planAsIs(client, topic, parseFilter(values, wish.now_ms), limit, wish);
    return { ...plan, left: Object.fromEntries(plan.left), wrong: [] };
  }
  const { repairs, wrong } = parseRepairs(await readText(values.import));
  const plan = await planRepaired(client, topic, repairs, wish);
  const problems = [...wrong, ...plan.problems].toSorted((a, b) => a.line - b.line);
  return { ...plan, left: {}, wrong: problems, isLimited: false };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Failure(`${path} cannot be read: ${reasonOf(error)}.`);
  }
}

function jsonOf(topic: string, plan: Plan, isSent: boolean): Record<string, unknown> {
  const count = plan.records.length;
  const { replayed, left, wrong, isLimited } = plan;
  return {
    topic,
    ...(isSent ? { sent: count } : { would_send: count }),
    replayed_before: replayed,
    left,
    wrong,
    more: isLimited,
  };
}

function textOf({ records, replayed, left, wrong, isLimited }: Plan, isSent: boolean): string[] {
  const problems = wrong.slice(0, PROBLEMS_SHOWN).map(({ line, problem }) => `line ${line}: ${explained(problem)}`);
  if (wrong.length > problems.length) problems.push(`and ${number(wrong.length - problems.length)} wrong lines more`);
  const count = number(records.length);
  const done = isSent ? `${count} letters were sent back.` : `${count} letters would be sent back; --yes sends them.`;
  return [
    ...problems,
    wrong.length > 0 ? "Nothing was sent." : done,
    ...Object.entries(left).map(([why, number_left]) => `${number(number_left)} left out as ${explained(why)}`),
    ...(replayed === 0 ? [] : [`${number(replayed)} were sent back before.`]),
    ...(isLimited ? ["There are more: another run goes on with them."] : []),
  ];
}

function explained(why: string): string {
  const means = Object.entries(LEFT_REASONS).find(([reason]) => reason === why)?.[1];
  return means === undefined ? why : `${why}: ${means}`;
}
