/** Events a second from Kafka through Redpanda Connect into durable windows, Connect's memory beside, and latency at low rates. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureLatency } from "./bridge/latency.ts";
import { fillTopic, measureThroughput, PLACEMENTS, type TopicShape } from "./bridge/throughput.ts";

/** What each name sets; README.md, "Every setting of the bridge", says the same. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  default: {},
  fast: { FETCH_BYTES: "1MiB", BATCH_BYTES: "1MiB", BUFFER_BYTES: "2MiB", GOGC: "200" },
};
const PARTITIONS = [12, 6] as const;
const SERVICES = [12, 50] as const;
const RATES = [10, 100] as const;

const HELP = `Usage: npm run bench -- bridge [options]

Needs KAFKA_BROKERS and CONNECT_BIN, as \`npm run test:e2e\` says. Takes about ten minutes; the figures are JSON lines, which are
appended to bench/results/bridge.jsonl.

  --only KIND        ${[...Object.keys(SETTINGS), "latency"].join(", ")} (all)
  --partitions N     ${PARTITIONS.join(" or ")} (both)
  --services N       ${SERVICES.join(" or ")} (both)
  --placement NAME   ${PLACEMENTS.join(" or ")} (both): how the services lie in the partitions
  --events N         of each topic, 10000 to 5000000 (1500000)
  --seconds N        that each rate of the latency lasts, 5 to 600 (20)
  --set NAME=VALUE   one more variable of the bridge, as often as you like
  --no-record        prints only
`;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    only: { type: "string" },
    partitions: { type: "string" },
    services: { type: "string" },
    placement: { type: "string" },
    events: { type: "string", default: "1500000" },
    seconds: { type: "string", default: "20" },
    set: { type: "string", multiple: true, default: [] },
    record: { type: "boolean", default: true },
    help: { type: "boolean", default: false },
  },
});

function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

function report(figures: Readonly<Record<string, unknown>>): void {
  const line = JSON.stringify({ bench: "bridge", at: new Date().toISOString(), ...figures });
  console.log(line);
  if (values.record) appendFileSync(join(import.meta.dirname, "results", "bridge.jsonl"), `${line}\n`);
}

/** Whether `value` was asked for by the option, or none was. */
function isWanted(option: string | undefined, value: string | number): boolean {
  return option === undefined || option === String(value);
}

function isWithin(text: string, least: number, most: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
}

const extra = Object.fromEntries(values.set.map((pair) => [pair.split("=", 1)[0] ?? "", pair.replace(/^[^=]*=/, "")]));
const isRight =
  isWithin(values.events, 10_000, 5_000_000) &&
  isWithin(values.seconds, 5, 600) &&
  [...Object.keys(SETTINGS), "latency"].some((kind) => isWanted(values.only, kind)) &&
  PARTITIONS.some((count) => isWanted(values.partitions, count)) &&
  SERVICES.some((count) => isWanted(values.services, count)) &&
  PLACEMENTS.some((placement) => isWanted(values.placement, placement)) &&
  values.set.every((pair) => /^[A-Z_]+=/.test(pair));

/** Every topic that was asked for. */
function shapes(): readonly TopicShape[] {
  const events = Number(values.events);
  return PLACEMENTS.filter((placement) => isWanted(values.placement, placement)).flatMap((placement) =>
    PARTITIONS.filter((count) => isWanted(values.partitions, count)).flatMap((partitions) =>
      SERVICES.filter((count) => isWanted(values.services, count)).map((services) => ({
        placement,
        partitions,
        services,
        events,
      })),
    ),
  );
}

async function measureShape(shape: TopicShape): Promise<void> {
  const kinds = Object.entries(SETTINGS).filter(([kind]) => isWanted(values.only, kind));
  if (kinds.length === 0) return;
  const { placement, services, partitions } = shape;
  const name = `${services} services, ${partitions} partitions, ${placement}`;
  tell(`writing ${shape.events} events: ${name}`);
  const topic = await fillTopic(shape);
  try {
    for (const [kind, settings] of kinds) {
      tell(`${kind}: ${name}`);
      const figures = await measureThroughput(topic, { ...settings, ...extra });
      const set = values.set.length > 0 ? { set: values.set } : {};
      report({ kind, placement, services, partitions, ...figures, ...set });
    }
  } finally {
    await topic.kafka.close();
  }
}

async function measure(): Promise<void> {
  for (const shape of shapes()) await measureShape(shape);
  if (!isWanted(values.only, "latency")) return;
  for (const rate of RATES) {
    tell(`latency at ${rate} events/s for ${values.seconds} s`);
    report({ kind: "latency", ...(await measureLatency(rate, Number(values.seconds), extra)) });
  }
}

if (values.help || !isRight) {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 2;
} else await measure();
