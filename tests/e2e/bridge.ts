/** The real Redpanda Connect with the bridge's own configuration. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type FaultlineServer, TOKENS } from "./faultline-server.ts";
import type { TestKafka } from "./kafka.ts";
import { freePort, ProcessGroup } from "./process-group.ts";
import { required } from "./real-parts.ts";

export async function startBridge(server: FaultlineServer, kafka: TestKafka): Promise<ProcessGroup> {
  const command = [
    "streams",
    "--no-api",
    "-o",
    "bridge/observability.yaml",
    "bridge/connect.yaml",
    "bridge/heartbeat.yaml",
  ];
  const env = {
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_TOPIC: kafka.topic,
    KAFKA_GROUP: randomUUID(),
    DLQ_TOPIC: kafka.letters_topic,
    INSTANCE_ID: randomUUID(),
    FAULTLINE_URL: server.url,
    INGEST_TOKEN: TOKENS.INGEST_TOKEN,
    CONNECT_HTTP: `127.0.0.1:${await freePort()}`,
  };
  return new ProcessGroup([required("CONNECT_BIN"), ...command], env, join(server.folder, "bridge.log"));
}
