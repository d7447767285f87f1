/** `faultline tail`: what happens to incidents, as it happens. */
import { DEFAULT_ORIGIN } from "../domain/link-command.ts";
import { SEVERITIES, type Severity } from "../domain/incident.ts";
import { targetUrl } from "./admin-request.ts";
import { Failure } from "./failure.ts";
import { parseOptions, parseWhole } from "./options.ts";
import { EXIT_CONDITIONS, type ExitCondition } from "./tail/open-incidents.ts";
import { runTail, type TailWish } from "./tail/run-tail.ts";
import { viewerToken } from "./viewer-token.ts";

const USAGE = "faultline tail";
/** What is still open when the rest has ended is left so long after. */
const LEAVE_MS = 500;

const TAIL_HELP = `Usage: faultline tail [SERVICE] [options]

Tells every change of an incident as it happens, and its narrative: of one service, of those whose names fit a pattern
('checkout-*'), or of all. After a lost connection it goes on with exactly what was missed, each change once.

  --min-severity S    medium, high or critical: nothing of lesser ones
  --after SEQ         begins with what came after that change (kept 24 h) instead of now
  --json              one object a line: {"type": "snapshot", "seq", "reset", "incidents"} with what is open now,
                      then "incident" and "narrative" events as the live socket has them
  --exit-on EVENT     ends with 0 when an incident is open (opened), or when none is any more (resolved); at once where
                      that is so already
  --until-resolved    the same as --exit-on resolved
  --for TIME          ends after 90s, 10m or 2h: with 3 where what --exit-on waits for has not come
  --retry-for TIME    how long a lost connection is tried for (10m)
  --url URL           where Faultline runs (FAULTLINE_URL, else ${DEFAULT_ORIGIN})
  --help              this text

  faultline tail checkout --min-severity high
  faultline tail checkout --exit-on opened --for 10m || echo "ten quiet minutes"

Where changes may be missing (a line "RESET", or a snapshot with "reset": true) they were older than 24 h, or the service
was deleted. Times are event times, UTC. The token is taken from VIEWER_TOKEN or ADMIN_TOKEN, else from .dev.vars.
Ends with 0 when you end it (Ctrl-C) or what it waits for has come; with 1 where it is refused or lost for good; with 2
for a wrong option; with 3 when --for is over before what it waits for.
`;

export async function tail(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    argv,
    {
      "min-severity": { type: "string" },
      after: { type: "string" },
      json: { type: "boolean", default: false },
      "exit-on": { type: "string" },
      "until-resolved": { type: "boolean", default: false },
      for: { type: "string" },
      "retry-for": { type: "string", default: "10m" },
      url: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
    USAGE,
    true,
  );
  if (values.help) {
    process.stdout.write(TAIL_HELP);
    return 0;
  }
  const [services = "*", ...more] = positionals;
  if (more.length > 0 || !/^[a-z0-9._*-]{1,100}$/.test(services))
    throw new Failure(`tail takes one SERVICE, or a pattern of names such as 'checkout-*' (\`${USAGE} --help\`).`, 2);
  const for_ms = values.for === undefined ? null : parseTime("for", values.for);
  const wish: TailWish = {
    services,
    min_severity: parseSeverity(values["min-severity"]),
    after: values.after === undefined ? null : parseWhole("after", values.after, 0, 999_999_999_999_999),
    json: values.json,
    exit_on: parseCondition(values["exit-on"], values["until-resolved"]),
    for_ms,
    give_up_ms: parseTime("retry-for", values["retry-for"]),
    url: targetUrl(values.url),
    token: viewerToken(),
  };
  return await runTail(wish).finally(leaveSoon);
}

/** A socket that was given up because its server is gone is never closed by it, and would hold the process. */
function leaveSoon(): void {
  setTimeout(() => process.exit(), LEAVE_MS).unref();
}

function parseSeverity(text: string | undefined): Severity | null {
  if (text === undefined) return null;
  const severity = SEVERITIES.find((known) => known === text);
  if (severity !== undefined) return severity;
  throw new Failure(`--min-severity must be ${SEVERITIES.join(", ")}, not "${text}".`, 2);
}

function parseCondition(text: string | undefined, untilResolved: boolean): ExitCondition | null {
  if (text === undefined) return untilResolved ? "resolved" : null;
  const condition = EXIT_CONDITIONS.find((known) => known === text);
  if (condition === undefined)
    throw new Failure(`--exit-on must be ${EXIT_CONDITIONS.join(" or ")}, not "${text}".`, 2);
  if (untilResolved && condition !== "resolved")
    throw new Failure("--until-resolved and --exit-on opened do not go together.", 2);
  return condition;
}

/** In ms. A timer of Node's holds 24 days at most. */
function parseTime(option: string, text: string): number {
  const [, digits, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const time_s = Number(digits) * (unit === "h" ? 3600 : unit === "m" ? 60 : 1);
  if (time_s >= 1 && time_s <= 14 * 86_400) return time_s * 1000;
  throw new Failure(`--${option} must be a time such as 90s, 10m or 2h, 14 days at most, not "${text}".`, 2);
}
