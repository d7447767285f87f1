/** How this repository runs wrangler on a laptop. */
import { stripVTControlCharacters } from "node:util";
import { Failure } from "./failure.ts";
import { run } from "./run.ts";

/**
 * Without all three of the first, wrangler waits for a network that may not answer, up to 31 s. The last is its local
 * trace store, which writes every call into a database of its own and takes a third of the throughput.
 */
export const WRANGLER_ENV = {
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: "false",
} as const;

/**
 * For a server that runs for long, flags that keep its memory flat. Each request leaves some KB of native objects behind in
 * every isolate on its way, which only a full collection frees; V8 sees the few bytes that refer to them and puts that off
 * until an isolate has tens of MB (github.com/cloudflare/workerd/issues/6894). So the old space, which grows by need, begins
 * at 2 MB, and the young one stays at 1 MB. Whoever sets the variable, also to nothing, is heeded. bench/NOTES.md has the
 * figures.
 */
export const DEV_ENV = {
  ...WRANGLER_ENV,
  MINIFLARE_WORKERD_V8_FLAGS:
    process.env["MINIFLARE_WORKERD_V8_FLAGS"] ?? "--initial-old-space-size=2 --max-semi-space-size=1",
} as const;

/** Brings the local D1 up to the newest schema; does nothing where it is. @throws Failure with wrangler's reason */
export async function applyMigrations(ended: AbortSignal): Promise<void> {
  const { code, output } = await run(["wrangler", "d1", "migrations", "apply", "DB", "--local"], {
    ended,
    // With a terminal it would ask whether to go on.
    env: { ...process.env, ...WRANGLER_ENV, CI: "true" },
  });
  if (code !== 0) {
    throw new Failure(
      `a database migration failed: ${errorIn(output)} Mend worker/migrations, or begin with empty state: \`npm start -- --fresh\`.`,
    );
  }
}

/**
 * `wrangler dev` for one laptop: no keyboard shortcuts, no second port that could be taken, no line for each request. `variables` are
 * no secrets: everybody on the machine can read a process's arguments.
 */
export function devCommand(
  host: string,
  port: number,
  variables: Readonly<Record<string, string>> = {},
): readonly string[] {
  const fixed = [
    "--inspector-port=0",
    "--live-reload=false",
    "--show-interactive-dev-session=false",
    "--log-level=warn",
  ];
  const told = Object.entries(variables).map(([name, value]) => `--var=${name}:${value}`);
  return ["wrangler", "dev", `--ip=${host}`, `--port=${port}`, ...fixed, ...told];
}

/** wrangler's error in one sentence, out of all that it prints. */
export function errorIn(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split("\n")
    .map((line) => line.trim());
  const at = lines.findIndex((line) => line.includes("[ERROR]"));
  const told =
    at >= 0
      ? (lines[at] ?? "").replace(/^.*?\[ERROR\]\s*/, "")
      : (lines.findLast((line) => /^\w/.test(line)) ?? "no reason given");
  return /[.!?]$/.test(told) ? told : `${told}.`;
}
