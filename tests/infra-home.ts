/** Where the real parts lie that tests use if they are there. */
import { homedir } from "node:os";
import { join } from "node:path";

export const INFRA_HOME = process.env["INFRA_HOME"] ?? join(homedir(), ".cache", "infra");
export const CONNECT_BIN = process.env["CONNECT_BIN"] ?? join(INFRA_HOME, "bin", "redpanda-connect");
