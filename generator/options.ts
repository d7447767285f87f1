/** The command line of the generator. */
import { parseArgs } from "node:util";
import { GeneratorFailure } from "./failure.ts";

export interface GeneratorOptions {
  readonly target: HttpTarget | KafkaTarget;
  /** Whole number, 0 to 4,294,967,295. */
  readonly seed: number;
  /** Events a second in all, 1 to 20,000. */
  readonly rate: number;
  /** 1 to 1,000. */
  readonly services: number;
  /** Null: until it is stopped. */
  readonly duration_ms: number | null;
  readonly anomalies: "none" | "random";
  /** Where faults on purpose are asked for; null: nowhere. */
  readonly demo: DemoTarget | null;
  readonly tour: boolean;
  readonly history: boolean;
  /** 0 to 30,000. */
  readonly disorder_ms: number;
  readonly json: boolean;
}

export interface HttpTarget {
  readonly sink: "http";
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
}

/** Faultline as it is asked what to break. */
export type DemoTarget = Pick<HttpTarget, "url" | "token">;

export interface KafkaTarget {
  readonly sink: "kafka";
  /** host:port each. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Creates the topic with that many partitions where it is missing; null: the topic has to be there. */
  readonly partitions_created: number | null;
}

export const HELP = `Usage: node generator/main.ts [options]

Plays services with ordinary traffic and makes them fail, and prints what it injects and when, so that the dashboard can be
checked against it. The same seed and options give the same stream, counted from the start.

Where to
  --sink http|kafka     POST /v1/ingest, or a topic whose key is the service (http)
  --url URL             Faultline's address (http://127.0.0.1:8787)
  --token TOKEN         ingest token (environment INGEST_TOKEN, which others on the machine cannot read)
  --brokers LIST        Kafka brokers, host:port, by commas (environment KAFKA_BROKERS, or 127.0.0.1:9092)
  --topic NAME          Kafka topic (environment KAFKA_TOPIC, or raw_events)
  --create-topic        creates the topic where it is missing
  --partitions N        partitions of a topic that is created, 1 to 1000 (6)

What
  --rate N              events a second in all, 1 to 20000 (100)
  --services N          1 to 1000: checkout, payments, search, then copies (checkout-2, ...) (3)
  --seed N              whole number (1)
  --duration TIME       stops after 90s, 15m or 2h (until Ctrl-C)
  --disorder-ms N       sends each event up to that much after it happened, 0 to 30000 (500)
  --anomalies KIND      none, or random: each minute and service one begins with 5 % chance, latency x 5 to 10 or 20 to 40 %
                        errors, for 2 to 5 minutes (random)
  --tour                2 h of past at a low rate first; 45 s of health; 30 % of checkout's /cart/pay fails for 2 minutes;
                        3 quiet minutes; then --anomalies
  --no-history          the tour without its past
  --demo                plays besides what is broken on purpose: asks Faultline (--url, --token) twice a second, in demo mode alone

  --json                prints JSON lines
  --help                this text

Exit code: 0 stopped or done, 1 it cannot be done, 2 a wrong option, 3 the token is refused.

  node --env-file=.dev.vars generator/main.ts --rate 1000 --anomalies none
  node generator/main.ts --sink kafka --brokers 127.0.0.1:9092 --create-topic --tour
`;

const SPECS = {
  sink: { type: "string", default: "http" },
  url: { type: "string", default: "http://127.0.0.1:8787" },
  token: { type: "string" },
  brokers: { type: "string" },
  topic: { type: "string" },
  "create-topic": { type: "boolean", default: false },
  partitions: { type: "string", default: "6" },
  rate: { type: "string", default: "100" },
  services: { type: "string", default: "3" },
  seed: { type: "string", default: "1" },
  duration: { type: "string" },
  "disorder-ms": { type: "string", default: "500" },
  anomalies: { type: "string", default: "random" },
  tour: { type: "boolean", default: false },
  "no-history": { type: "boolean", default: false },
  demo: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof SPECS }>>["values"];

/**
 * Null where only the help is wanted.
 *
 * @throws GeneratorFailure with exit code 2 that names the wrong option and says what would be right
 */
export function parseGeneratorOptions(argv: readonly string[], env: NodeJS.ProcessEnv): GeneratorOptions | null {
  const values = parseValues(argv);
  if (values.help) return null;
  return {
    target: parseTarget(values, env),
    seed: parseWhole("seed", values.seed, 0, 4_294_967_295),
    rate: parseWhole("rate", values.rate, 1, 20_000),
    services: parseWhole("services", values.services, 1, 1000),
    duration_ms: values.duration === undefined ? null : parseDuration(values.duration),
    anomalies: parseChoice("anomalies", values.anomalies, ["none", "random"]),
    demo: values.demo ? { url: parseUrl(values.url), token: parseToken(values, env) } : null,
    tour: values.tour,
    history: !values["no-history"],
    disorder_ms: parseWhole("disorder-ms", values["disorder-ms"], 0, 30_000),
    json: values.json,
  };
}

function parseValues(argv: readonly string[]): Values {
  try {
    return parseArgs({ args: [...argv], options: SPECS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/\. To specify|\.\n/)[0] : String(error);
    throw new GeneratorFailure(`${reason} (--help lists the options).`, 2);
  }
}

function parseTarget(values: Values, env: NodeJS.ProcessEnv): HttpTarget | KafkaTarget {
  const sink = parseChoice("sink", values.sink, ["http", "kafka"]);
  if (sink === "kafka") {
    return {
      sink,
      brokers: parseBrokers(values.brokers ?? (env["KAFKA_BROKERS"] || "127.0.0.1:9092")),
      topic: parseTopic(values.topic ?? (env["KAFKA_TOPIC"] || "raw_events")),
      partitions_created: values["create-topic"] ? parseWhole("partitions", values.partitions, 1, 1000) : null,
    };
  }
  const token = parseToken(values, env);
  return { sink, url: parseUrl(values.url), token };
}

function parseToken(values: Values, env: NodeJS.ProcessEnv): string {
  const token = values.token ?? env["INGEST_TOKEN"] ?? "";
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new GeneratorFailure(
    "--token or the environment variable INGEST_TOKEN must be the ingest token; `npm start` writes one to .dev.vars: node --env-file=.dev.vars generator/main.ts.",
    2,
  );
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "") {
    throw new GeneratorFailure(`--url must be an address like http://127.0.0.1:8787, not "${text}".`, 2);
  }
  return url.href.replace(/\/+$/, "");
}

function parseBrokers(text: string): readonly string[] {
  const brokers = text.split(",").map((broker) => broker.trim());
  const wrong = brokers.find((broker) => !/^(\[[0-9a-fA-F:]+\]|[^\s:/[\]]+):\d{1,5}$/.test(broker));
  if (wrong === undefined) return brokers;
  throw new GeneratorFailure(`--brokers must be host:port, several by commas, not "${wrong}".`, 2);
}

function parseTopic(text: string): string {
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(text) && text !== "." && text !== "..") return text;
  throw new GeneratorFailure(
    `--topic must be 1 to 249 letters, digits, dots, dashes or underscores, not "${text}".`,
    2,
  );
}

function parseWhole(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new GeneratorFailure(`--${option} must be a whole number from ${min} to ${max}, not "${text}".`, 2);
}

function parseChoice<const Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new GeneratorFailure(`--${option} must be ${choices.join(" or ")}, not "${text}".`, 2);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const duration_ms = Number(count) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  if (duration_ms > 0) return duration_ms;
  throw new GeneratorFailure(`--duration must be a time like 90s, 15m or 2h, not "${text}".`, 2);
}
