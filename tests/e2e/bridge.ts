/** The real Redpanda Connect with the bridge's own configuration. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type FaultlineServer, TOKENS } from "./faultline-server.ts";
import type { TestKafka } from "./kafka.ts";
import { freePort, ProcessGroup } from "./process-group.ts";
import { required } from "./real-parts.ts";

const COMMAND = [
  "streams",
  "--no-api",
  "-o",
  "bridge/observability.yaml",
  "bridge/connect.yaml",
  "bridge/heartbeat.yaml",
] as const;

/** Environment of one bridge; started again with the same, it is the same member of the same group. */
export type BridgeSettings = Readonly<Record<string, string>>;

export async function bridgeSettings(url: string, kafka: TestKafka): Promise<BridgeSettings> {
  return {
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_TOPIC: kafka.topic,
    KAFKA_GROUP: randomUUID(),
    DLQ_TOPIC: kafka.letters_topic,
    INSTANCE_ID: randomUUID(),
    FAULTLINE_URL: url,
    INGEST_TOKEN: TOKENS.INGEST_TOKEN,
    CONNECT_HTTP: `127.0.0.1:${await freePort()}`,
  };
}

export function runBridge(settings: BridgeSettings, log: string): ProcessGroup {
  return new ProcessGroup([required("CONNECT_BIN"), ...COMMAND], settings, log);
}

export async function startBridge(server: FaultlineServer, kafka: TestKafka): Promise<ProcessGroup> {
  return runBridge(await bridgeSettings(server.url, kafka), join(server.folder, "bridge.log"));
}
