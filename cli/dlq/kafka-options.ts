/** Which Kafka, and how to speak to it: options and the environment variables that the bridge reads too. */
import { readFileSync } from "node:fs";
import { Failure, reasonOf } from "../failure.ts";

const SASL_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
type SaslMechanism = (typeof SASL_MECHANISMS)[number];

export interface KafkaOptions {
  /** host:port each. */
  readonly brokers: readonly string[];
  /** Null: unencrypted. Without `ca` the certificates that Node knows count. */
  readonly tls: { readonly ca?: Buffer } | null;
  readonly sasl: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string } | null;
}

export const KAFKA_OPTIONS = {
  brokers: { type: "string" },
  topic: { type: "string" },
} as const;

export const KAFKA_HELP = `  --brokers LIST    Kafka brokers, host:port, by commas (environment KAFKA_BROKERS, or 127.0.0.1:9092)
  --topic NAME      the dead-letter topic (environment DLQ_TOPIC, or raw_events_dlq)`;

/** What no option says. */
export const KAFKA_VARIABLES_HELP = `TLS and SASL by the bridge's variables: KAFKA_TLS, KAFKA_CA_FILE, KAFKA_SASL, KAFKA_USER, KAFKA_PASSWORD.`;

/** As in the bridge, an empty variable counts as unset. */
export function parseKafkaOptions(brokers: string | undefined, env: NodeJS.ProcessEnv): KafkaOptions {
  return {
    brokers: parseBrokers(brokers ?? (env["KAFKA_BROKERS"] || "127.0.0.1:9092")),
    tls: parseTls(env),
    sasl: parseSasl(env),
  };
}

export function parseTopic(option: string | undefined, env: NodeJS.ProcessEnv): string {
  const text = option ?? (env["DLQ_TOPIC"] || "raw_events_dlq");
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(text) && text !== "." && text !== "..") return text;
  throw new Failure(
    `--topic or DLQ_TOPIC must be 1 to 249 letters, digits, dots, dashes or underscores, not "${text}".`,
    2,
  );
}

function parseBrokers(text: string): readonly string[] {
  const brokers = text.split(",").map((broker) => broker.trim());
  const wrong = brokers.find((broker) => !/^(\[[0-9a-fA-F:]+\]|[^\s:/[\]]+):\d{1,5}$/.test(broker));
  if (wrong === undefined) return brokers;
  throw new Failure(`--brokers or KAFKA_BROKERS must be host:port, several by commas, not "${wrong}".`, 2);
}

function parseTls(env: NodeJS.ProcessEnv): KafkaOptions["tls"] {
  const wish = env["KAFKA_TLS"] || "false";
  if (wish !== "true" && wish !== "false") throw new Failure(`KAFKA_TLS must be true or false, not "${wish}".`, 2);
  if (wish === "false") return null;
  const file = env["KAFKA_CA_FILE"] || null;
  if (file === null) return {};
  try {
    return { ca: readFileSync(file) };
  } catch (error) {
    throw new Failure(`KAFKA_CA_FILE ${file} cannot be read: ${reasonOf(error)}.`);
  }
}

function parseSasl(env: NodeJS.ProcessEnv): KafkaOptions["sasl"] {
  const wish = env["KAFKA_SASL"] || "none";
  if (wish === "none") return null;
  const mechanism = SASL_MECHANISMS.find((known) => known === wish);
  if (mechanism === undefined) {
    throw new Failure(`KAFKA_SASL must be none, ${SASL_MECHANISMS.join(", ")}, not "${wish}".`, 2);
  }
  return { mechanism, username: env["KAFKA_USER"] ?? "", password: env["KAFKA_PASSWORD"] ?? "" };
}
