/** The options of `npm start`. */
import { parseOptions, parseWhole } from "./options.ts";

export interface StartOptions {
  /** Address to listen on. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Events a second from the generator, 1 to 20,000. */
  readonly rate: number;
  readonly generator: boolean;
  /** Forget the local state first. */
  readonly fresh: boolean;
  readonly help: boolean;
}

export const START_HELP = `Usage: npm start -- [options]

Runs Faultline on this machine, with generated events, and prints a link to the dashboard.

  --port N         port to listen on (8787)
  --host ADDRESS   address to listen on (127.0.0.1); containers on Linux reach Docker's own, 172.17.0.1
  --rate N         generated events a second, 1 to 20000 (30)
  --no-generator   no generated events: send your own
  --fresh          deletes the local state (services, windows, incidents) first; tokens stay
  --help           this text
`;

const SPECS = {
  port: { type: "string", default: "8787" },
  host: { type: "string", default: "127.0.0.1" },
  rate: { type: "string", default: "30" },
  "no-generator": { type: "boolean", default: false },
  fresh: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** @throws Failure with exit code 2 that names the wrong option */
export function parseStartOptions(argv: readonly string[]): StartOptions {
  const { values } = parseOptions(argv, SPECS, "npm start --");
  return {
    // Brackets belong to URLs; people paste them along.
    host: values.host.replace(/^\[(.*)\]$/, "$1"),
    port: parseWhole("port", values.port, 1, 65_535),
    rate: parseWhole("rate", values.rate, 1, 20_000),
    generator: !values["no-generator"],
    fresh: values.fresh,
    help: values.help,
  };
}
