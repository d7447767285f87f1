/** The ways to connect something, each with commands that work as they stand in Faultline's folder, as in the README. */
import { DEFAULT_ORIGIN } from "../../../../domain/link-command.ts";
import { firstUse } from "../first-use.ts";

export const WAYS = ["http", "kafka", "access-log", "opentelemetry"] as const;
export type WayName = (typeof WAYS)[number];

export interface ConnectStep {
  /** What stands in backquotes is set as a name. */
  readonly text: string;
  readonly command: string | null;
}

export interface ConnectWay {
  readonly name: WayName;
  readonly title: string;
  readonly steps: readonly ConnectStep[];
}

/** The way that an address asks for; plain HTTP, which needs nothing else, where it asks for none. */
export function readWay(query: Pick<URLSearchParams, "get">): WayName {
  return WAYS.find((name) => name === query.get("connect")) ?? "http";
}

/** @param origin where this Faultline is reached */
export function connectWays(origin: string): ConnectWay[] {
  const { file, line } = firstUse(origin);
  // The bridge looks for Faultline where `npm start` serves; anywhere else has to be said.
  const url = origin === DEFAULT_ORIGIN ? "" : `FAULTLINE_URL=${origin} `;
  return [
    {
      name: "http",
      title: "HTTP",
      steps: [
        {
          text: `Run this in Faultline's folder, where \`${file}\` has the token: \`hello\` appears here at once.`,
          command: line,
        },
        {
          text: "Your service sends the same: one JSON array, or NDJSON, of its requests; `event_time` where it is not now. An `Idempotency-Key` lets it send again after a failure.",
          command: null,
        },
      ],
    },
    {
      name: "kafka",
      title: "Kafka",
      steps: [
        {
          text: "Your services write events to the topic `raw_events`, the service as the key. A topic for dead letters, once:",
          command: "kafka-topics.sh --bootstrap-server 127.0.0.1:9092 --create --if-not-exists --topic raw_events_dlq",
        },
        {
          text: "The bridge, with Redpanda Connect 4.100 or newer installed; it goes on until Ctrl-C:",
          command: `${url}KAFKA_BROKERS=127.0.0.1:9092 redpanda-connect streams --no-api --env-file ${file} \\\n  -o bridge/observability.yaml bridge/connect.yaml bridge/heartbeat.yaml`,
        },
        {
          text: "Messages of another shape need a mapping, which this proposes from a sample of them:",
          command: "npm run faultline -- map sample.ndjson",
        },
      ],
    },
    {
      name: "access-log",
      title: "Access log",
      steps: [
        {
          text: "JSON access logs of nginx, from a file and without any Kafka; `bridge/examples/nginx.blobl` says what nginx has to write (`envoy.blobl`, `caddy.blobl` likewise):",
          command: `tail -n0 -F /var/log/nginx/requests.log | \\\n  ${url}MAPPING_FILE=bridge/examples/nginx.blobl redpanda-connect run --env-file ${file} \\\n  bridge/examples/access-log-to-faultline.yaml`,
        },
        {
          text: "From syslog, `socat -u UDP-RECV:5140 -` takes the place of `tail`. With Kafka between, `access-log-to-kafka.yaml` writes the topic that the bridge reads.",
          command: null,
        },
      ],
    },
    {
      name: "opentelemetry",
      title: "OpenTelemetry",
      steps: [
        {
          text: "The collector writes HTTP server spans to the topic `otlp_spans` as OTLP JSON (`bridge/examples/otel.yaml` shows its side). From there:",
          command: `${url}KAFKA_BROKERS=127.0.0.1:9092 redpanda-connect run --env-file ${file} bridge/examples/otel-to-faultline.yaml`,
        },
        { text: "Faultline takes no OTLP by itself yet: the spans come by way of Kafka.", command: null },
      ],
    },
  ];
}
