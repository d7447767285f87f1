/** What must be so before Faultline can serve, and the one command that mends what is not. */
import type { HeartbeatStatus } from "../domain/pipeline.ts";
import type { BridgeSeen, Readiness } from "../domain/resource.ts";
import type { Env } from "./env.ts";
import { SELECT_HAS_MIGRATIONS, SELECT_MIGRATIONS } from "./history-sql.ts";
import { MIGRATIONS } from "./migrations.ts";

type Check = Readiness["checks"][string];

const TOKENS = ["INGEST_TOKEN", "VIEWER_TOKEN", "ADMIN_TOKEN"] as const;

/** The checks that decide. The first that failed says what to do. */
export interface Checks {
  readonly tokens: Check;
  readonly history: Check;
  readonly migrations: Check;
}

/** @param asked the address of the request: it tells a laptop, reached by http, from a deployment, which needs other commands */
export async function checkReadiness(env: Env, asked: string): Promise<Checks> {
  const tokens = checkTokens(env, asked);
  try {
    return {
      tokens,
      history: { ok: true, detail: "D1 answers." },
      migrations: checkMigrations(await appliedMigrations(env.DB), asked),
    };
  } catch (error) {
    console.warn("the history database does not answer", error);
    const detail =
      "The history database (D1, binding DB) does not answer; ingest and live go on, history catches up. The Worker's log has the error.";
    return {
      tokens,
      history: { ok: false, detail },
      migrations: { ok: false, detail: "Unknown while D1 does not answer." },
    };
  }
}

function checkTokens(env: Env, asked: string): Check {
  const missing = TOKENS.filter((name) => (env[name] ?? "").trim() === "");
  if (missing.length === 0) return { ok: true, detail: "All tokens are set." };
  const mend = isDeployed(asked)
    ? `Run \`npx wrangler secret put ${missing[0]}\``
    : "Run `npm start`, which writes them to .dev.vars";
  return { ok: false, detail: `${mend}: ${missing.join(", ")} not set, so that nobody can sign in.` };
}

function checkMigrations(applied: ReadonlySet<string>, asked: string): Check {
  const pending = MIGRATIONS.filter((name) => !applied.has(name));
  if (pending.length === 0) return { ok: true, detail: `All ${MIGRATIONS.length} applied.` };
  const mend = `Run \`${migrateCommand(asked)}\``;
  return { ok: false, detail: `${mend}: the history database lacks ${pending.join(", ")}.` };
}

/** The command that brings the database of the server at this address up to date. */
export function migrateCommand(asked: string): string {
  return `npx wrangler d1 migrations apply DB --${isDeployed(asked) ? "remote" : "local"}`;
}

/** `wrangler dev` serves plain http, the platform nothing but https. */
function isDeployed(asked: string): boolean {
  return new URL(asked).protocol === "https:";
}

/** wrangler makes its table with the first migration; before, there is none to ask. */
async function appliedMigrations(db: D1Database): Promise<ReadonlySet<string>> {
  if ((await db.prepare(SELECT_HAS_MIGRATIONS).first()) === null) return new Set();
  const { results } = await db.prepare(SELECT_MIGRATIONS).all<{ readonly name: string }>();
  return new Set(results.map((row) => row.name));
}

/**
 * The bridges' last heartbeats, whether the Fleet could tell them, and where one is set up what our own heartbeat does. None of it
 * decides anything: ingest goes on with a Fleet that is down, and a load balancer that took Faultline out for it would lose what
 * still works.
 */
export async function checkFleet(env: Env): Promise<{
  readonly checks: Readonly<Record<string, Check>>;
  readonly bridges: readonly BridgeSeen[];
}> {
  try {
    const { bridges, heartbeat } = await env.FLEET.getByName("fleet").pipeline();
    const fleet = { ok: true, detail: "The Fleet answers." };
    return { bridges, checks: heartbeat === null ? { fleet } : { fleet, heartbeat: heartbeatCheck(heartbeat) } };
  } catch (error) {
    console.warn("the Fleet does not answer", error);
    const detail =
      "The Fleet does not answer: new services wait, the overview stands still. The Worker's log has the error.";
    return { bridges: [], checks: { fleet: { ok: false, detail } } };
  }
}

function heartbeatCheck({ at, sent_at, reason }: HeartbeatStatus): Check {
  const last = sent_at === null ? "none was sent yet" : `the last one was taken at ${sent_at}`;
  if (reason !== null) return { ok: false, detail: `No heartbeat is sent: ${reason}; ${last}.` };
  return {
    ok: true,
    detail: at === null ? "The first heartbeat is sent within a minute." : `Heartbeats are sent; ${last}.`,
  };
}
