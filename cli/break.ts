/** `faultline break`: lets a service of the generator fail, to see what Faultline makes of it. */
import {
  DEMO_FOR_S_DEFAULT,
  DEMO_FOR_S_MAX,
  DEMO_FOR_S_MIN,
  DEMO_PLAYER_GONE_MS,
  DEMO_STRENGTHS,
  type DemoFault,
  type DemoState,
  type DemoWish,
} from "../domain/demo.ts";
import { DEFAULT_ORIGIN } from "../domain/link-command.ts";
import type { Problem } from "../domain/resource.ts";
import { adminRequest, type AdminRequest, adminToken, targetUrl } from "./admin-request.ts";
import { Failure } from "./failure.ts";
import { parseOptions } from "./options.ts";

const USAGE = "faultline break";

const BREAK_HELP = `Usage: faultline break SERVICE FAULT [options]
       faultline break --list
       faultline break --end

Lets a service of the generator fail on purpose, as \`npm start\` plays it. Only in demo mode, on one's own machine.

One of
  --errors SHARE      that share of the requests fails: 30% or 0.3
  --latency FACTOR    they take so many times as long: 6 or 6x
  --traffic FACTOR    so many times as many requests come: 0.1 for a tenth, 3 for three times as many
  --down              no request comes at all

Besides
  --endpoint NAME     only this endpoint, as the dashboard names it (/cart/pay)
  --for TIME          how long: 90s, 2m; ${DEMO_FOR_S_MIN}s to ${DEMO_FOR_S_MAX / 60}m (${DEMO_FOR_S_DEFAULT / 60}m)
  --list              shows what is broken now
  --end               mends all that is
  --url URL           where Faultline runs (FAULTLINE_URL, else ${DEFAULT_ORIGIN})
  --help              this text

  faultline break checkout --errors 30% --endpoint /cart/pay --for 2m

The admin token is taken from ADMIN_TOKEN, else from .dev.vars.
Ends with 0; with 1 where it could not be done; with 2 for a wrong option.
`;

const SPECS = {
  errors: { type: "string" },
  latency: { type: "string" },
  traffic: { type: "string" },
  down: { type: "boolean", default: false },
  endpoint: { type: "string" },
  for: { type: "string" },
  list: { type: "boolean", default: false },
  end: { type: "boolean", default: false },
  url: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

interface Values {
  readonly errors?: string;
  readonly latency?: string;
  readonly traffic?: string;
  readonly down: boolean;
  readonly endpoint?: string;
  readonly for?: string;
}

export async function breakService(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(argv, SPECS, USAGE, true);
  if (values.help) {
    process.stdout.write(BREAK_HELP);
    return 0;
  }
  if (values.list && values.end) throw new Failure("--list and --end do not go together.", 2);
  if ((values.list || values.end) && positionals.length > 0)
    throw new Failure(`--${values.list ? "list" : "end"} takes no service: it is about all of them.`, 2);
  const wish = values.list || values.end ? null : parseWish(positionals, values);
  const url = targetUrl(values.url);
  if (wish !== null) process.stdout.write(await begin(url, wish));
  else process.stdout.write(values.list ? await list(url) : await end(url));
  return 0;
}

/** @throws Failure with exit code 2 that names the wrong option and says what would be right */
export function parseWish(positionals: readonly string[], values: Values): DemoWish {
  const [service, ...more] = positionals;
  if (service === undefined || more.length > 0)
    throw new Failure(`break takes one SERVICE, such as checkout (\`${USAGE} --help\`).`, 2);
  const kinds = (["errors", "latency", "traffic", "down"] as const).filter(
    (kind) => values[kind] !== undefined && values[kind] !== false,
  );
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new Failure(`break takes one of --errors, --latency, --traffic, --down (\`${USAGE} --help\`).`, 2);
  const strength = kind === "down" ? DEMO_STRENGTHS.down.otherwise : parseStrength(kind, values[kind] ?? "");
  return { service, endpoint: values.endpoint ?? null, kind, strength, for_s: parseFor(values.for) };
}

function parseStrength(kind: "errors" | "latency" | "traffic", text: string): number {
  const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,9})?)(%|x)?$/.exec(text) ?? [];
  const fits = unit === undefined || (unit === "%") === (kind === "errors");
  // 30 % and 0.3 are the same share; so are no two numbers with six digits behind the point.
  const value = fits ? Math.round(Number(digits) * (unit === "%" ? 1e4 : 1e6)) / 1e6 : Number.NaN;
  const { min, max, right } = DEMO_STRENGTHS[kind];
  if (value >= min && value <= max) return value;
  throw new Failure(`--${kind} must be ${right}${kind === "errors" ? " (or 1% to 100%)" : ""}, not "${text}".`, 2);
}

function parseFor(text: string | undefined): number {
  if (text === undefined) return DEMO_FOR_S_DEFAULT;
  const [, digits, unit] = /^(\d{1,5})([sm])$/.exec(text) ?? [];
  const for_s = Number(digits) * (unit === "m" ? 60 : 1);
  if (for_s >= DEMO_FOR_S_MIN && for_s <= DEMO_FOR_S_MAX) return for_s;
  throw new Failure(
    `--for must be a time from ${DEMO_FOR_S_MIN}s to ${DEMO_FOR_S_MAX / 60}m, such as 90s or 2m, not "${text}".`,
    2,
  );
}

async function begin(url: string, wish: DemoWish): Promise<string> {
  const fault = await ask<DemoFault>(url, { method: "POST", path: "/v1/demo/faults", body: JSON.stringify(wish) });
  const { asked_at } = await ask<DemoState>(url, { method: "GET", path: "/v1/demo/faults" });
  const isPlayed = asked_at !== null && Date.parse(fault.from) - Date.parse(asked_at) < DEMO_PLAYER_GONE_MS;
  const warning =
    "No generator asks for faults, so that nothing happens yet: `npm start` runs one, or `npm run generate -- --demo`.\n";
  return `${describe(fault)}\nMend it earlier with \`${USAGE} --end\`; watch it at ${url}/\n${isPlayed ? "" : warning}`;
}

async function list(url: string): Promise<string> {
  const { on, faults } = await ask<DemoState>(url, { method: "GET", path: "/v1/demo/faults" });
  if (!on) return `${url} is not in demo mode.\n`;
  return faults.length === 0
    ? "Nothing is broken on purpose.\n"
    : faults.map((fault) => `${describe(fault)}\n`).join("");
}

async function end(url: string): Promise<string> {
  const { ended } = await ask<{ readonly ended: number }>(url, { method: "DELETE", path: "/v1/demo/faults" });
  return ended === 0 ? "Nothing was broken on purpose.\n" : `Mended ${ended} ${ended === 1 ? "fault" : "faults"}.\n`;
}

function describe({ service, endpoint, kind, strength, to }: DemoFault): string {
  const what = {
    errors: `${Math.round(strength * 1000) / 10} % of its requests fail`,
    latency: `it takes ${strength} times as long`,
    traffic: `it gets ${strength} times as many requests`,
    down: "it gets no request",
  }[kind];
  return `${service}${endpoint === null ? "" : ` ${endpoint}`}: ${what}, until ${to.slice(11, 19)} UTC.`;
}

async function ask<T extends object>(url: string, request: AdminRequest): Promise<T> {
  const response = await adminRequest(url, adminToken(), request);
  const body = (await response.json().catch(() => null)) as T | Problem | null;
  if (response.ok && body !== null) return body as T;
  const detail = body !== null && "detail" in body ? body.detail : "is it Faultline?";
  throw new Failure(`${url} answered ${response.status}: ${detail}`);
}
