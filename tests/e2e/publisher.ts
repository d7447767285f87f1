/** The real Redpanda Connect with a configuration that carries history on: to Kafka, or into a database. */
import { join } from "node:path";
import { type FaultlineServer, TOKENS } from "./faultline-server.ts";
import { freePort, ProcessGroup } from "./process-group.ts";
import { required } from "./real-parts.ts";

/** Small pages, so that there are many moments between a write and its acknowledgement. */
const SMALL_PAGES = { PUBLISH_LIMIT: "7", PUBLISH_WAIT: "200ms", PUBLISH_TIMEOUT: "5s" } as const;

/** `url`: the way to the server; `configuration`: a path as in bridge/publish.yaml. */
export async function startPublisher(
  server: FaultlineServer,
  url: string,
  configuration: string,
  env: Readonly<Record<string, string>>,
): Promise<ProcessGroup> {
  const command = ["streams", "--no-api", "-o", "bridge/observability.yaml", configuration];
  const whole = {
    FAULTLINE_URL: url,
    VIEWER_TOKEN: TOKENS.VIEWER_TOKEN,
    LOG_LEVEL: "WARN",
    CONNECT_HTTP: `127.0.0.1:${await freePort()}`,
    ...SMALL_PAGES,
    ...env,
  };
  return new ProcessGroup([required("CONNECT_BIN"), ...command], whole, join(server.folder, "publisher.log"));
}
