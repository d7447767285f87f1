/** The real Redpanda Connect with a configuration that carries history on: to Kafka, or into a database. */
import { join } from "node:path";
import { type FaultlineServer, TOKENS } from "./faultline-server.ts";
import { freePort, ProcessGroup } from "./process-group.ts";
import { required } from "./real-parts.ts";

/** @param configuration as in bridge/publish.yaml */
export async function startPublisher(
  server: FaultlineServer,
  configuration: string,
  env: Readonly<Record<string, string>>,
): Promise<ProcessGroup> {
  const command = ["streams", "--no-api", "-o", "bridge/observability.yaml", configuration];
  const whole = {
    FAULTLINE_URL: server.url,
    VIEWER_TOKEN: TOKENS.VIEWER_TOKEN,
    LOG_LEVEL: "WARN",
    CONNECT_HTTP: `127.0.0.1:${await freePort()}`,
    ...env,
  };
  return new ProcessGroup([required("CONNECT_BIN"), ...command], whole, join(server.folder, "publisher.log"));
}
