/** The real Redpanda Connect with the bridge's own configuration, started as compose.yaml starts it. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { readComposeFile } from "../compose-file.ts";
import { type FaultlineServer, TOKENS } from "./faultline-server.ts";
import type { TestKafka } from "./kafka.ts";
import { freePort, ProcessGroup } from "./process-group.ts";
import { required } from "./real-parts.ts";

export async function startBridge(server: FaultlineServer, kafka: TestKafka): Promise<ProcessGroup> {
  const { command = [], environment } = readComposeFile({
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_TOPIC: kafka.topic,
    KAFKA_GROUP: randomUUID(),
    DLQ_TOPIC: kafka.letters_topic,
    INSTANCE_ID: randomUUID(),
    FAULTLINE_URL: server.url,
  }).services["bridge"]!;
  // What else a container has: the tokens of `npm start`, and a port 4195 to itself.
  const env = { ...TOKENS, ...environment, CONNECT_HTTP: `127.0.0.1:${await freePort()}` };
  return new ProcessGroup([required("CONNECT_BIN"), ...command], env, join(server.folder, "bridge.log"));
}
