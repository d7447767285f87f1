/** `npm start`: everything that a newcomer needs to see Faultline at work, on one machine, ended by Ctrl-C. */
import { randomBytes } from "node:crypto";
import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { linkCommand } from "../domain/link-command.ts";
import { assertFree, isLoopback, urlOf } from "./address.ts";
import { readTokens, type Tokens, unsetVariables, writeDemo, writeSubscriptionKey, writeTokens } from "./dev-vars.ts";
import { Failure, runMain } from "./failure.ts";
import { failWhenSilent } from "./health-watch.ts";
import { type KeptProcess, startKept } from "./kept-process.ts";
import { freeLock, takeLock } from "./lock.mjs";
import { DEV_LOG, DEV_VARS, ROOT, START_LOCK, STATE } from "./paths.ts";
import { run } from "./run.ts";
import { hasHistory, waitUntilReady } from "./server.ts";
import { sessionLink } from "./session-link.ts";
import { parseStartOptions, START_HELP, type StartOptions } from "./start-options.ts";
import { applyMigrations, DEV_ENV, devCommand } from "./wrangler.ts";

/** A cold start on a slow machine takes about 10 s; beyond this something is wrong. */
const READY_MS_MAX = 60_000;
/** Lines of the server's log that are shown when it fails. */
const LOG_LINES_SHOWN = 20;
/** This machine, by every name that it has for itself. */
const LOCAL_TARGETS = "localhost,127.0.0.1,[::1]";
/** How often to look whether whoever started us is still there, in ms. */
const PARENT_LOOK_MS = 500;

/** What one run holds: its children, newest last, and the wish to end. */
interface Session {
  readonly options: StartOptions;
  readonly url: string;
  readonly ended: AbortSignal;
  readonly kept: KeptProcess[];
}

await runMain(async () => {
  const options = parseStartOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(START_HELP);
    return 0;
  }
  // Two runtimes over one state folder would each believe to be the only writer of an object.
  const holder = takeLock(START_LOCK);
  if (holder !== null) throw new Failure(`it already runs from this folder (process ${holder}): stop that one first.`);
  try {
    await runToEnd({ options, url: urlOf(options.host, options.port), ended: endOnSignal(), kept: [] });
  } finally {
    freeLock(START_LOCK);
  }
  return 0;
});

async function runToEnd(session: Session): Promise<void> {
  try {
    await startAll(session);
  } catch (error) {
    // Every step rejects once the end was asked for; ending as asked is no failure.
    if (!session.ended.aborted) {
      if (session.kept.length > 0) process.stderr.write(lastLinesOfLog());
      throw error;
    }
    say("Ending.");
  } finally {
    await stopAll(session.kept);
  }
}

/** Runs until the end is asked for or a part fails; throws in either case. */
async function startAll(session: Session): Promise<void> {
  const { options, ended } = session;
  const tokens = readTokens(DEV_VARS) ?? newTokens();
  if (writeDemo(DEV_VARS)) say("Demo mode is on (DEMO=1 in .dev.vars): `npm run faultline break` lets a service fail.");
  writeSubscriptionKey(DEV_VARS, newToken);
  await assertFree(options.host, options.port);
  if (options.fresh) forget();
  await prepare(ended);
  const server = await serve(session);
  await Promise.race([
    untilAborted(ended),
    failWhenItEnds(server),
    failWhenSilent(session.url, ended),
    present(session, tokens),
  ]);
}

/** Shows the served dashboard with something to see in it, for as long as that goes on. */
async function present(session: Session, tokens: Tokens): Promise<never> {
  const link = await sessionLink(session.url, tokens.ADMIN_TOKEN, "admin");
  const generator = session.options.generator ? await generate(session, tokens) : null;
  say(
    `\n  Open  ${link}\n\n  It works once, within 5 minutes; \`${linkCommand(session.url)}\` prints another. Ctrl-C ends everything.\n`,
  );
  return generator === null ? untilAborted(session.ended) : failWhenItEnds(generator);
}

function newTokens(): Tokens {
  const tokens = writeTokens(DEV_VARS, newToken);
  say("Wrote .dev.vars with new tokens.");
  return tokens;
}

function newToken(): string {
  return randomBytes(32).toString("base64url");
}

function forget(): void {
  say(`Deleting the local state (${relative(ROOT, STATE)}), as --fresh asks.`);
  rmSync(STATE, { recursive: true, force: true });
}

async function prepare(ended: AbortSignal): Promise<void> {
  say("Preparing the history database and the dashboard ...");
  const began = performance.now();
  await Promise.all([applyMigrations(ended), buildDashboard(ended)]);
  say(`Prepared in ${secondsSince(began)} s. Starting the server ...`);
}

/** The very command that wrangler's [build] runs, so that wrangler then finds nothing left to do. */
async function buildDashboard(ended: AbortSignal): Promise<void> {
  const { code, output } = await run([process.execPath, join("cli", "bootstrap.mjs"), "build:web"], { ended });
  if (code === 0) return;
  process.stderr.write(output);
  throw new Failure("the dashboard could not be built: the lines above say why.");
}

async function serve(session: Session): Promise<KeptProcess> {
  const { options, url, ended } = session;
  const began = performance.now();
  mkdirSync(dirname(DEV_LOG), { recursive: true });
  const output = openSync(DEV_LOG, "w", 0o600);
  // Messages lead back to where the dashboard is, and may go to receivers that somebody tries on this machine.
  const variables = unsetVariables(DEV_VARS, { PUBLIC_URL: url, ALLOWED_TARGETS: LOCAL_TARGETS });
  const command = devCommand(options.host, options.port, variables);
  const server = keep(session, "the server (wrangler dev)", command, DEV_ENV, output);
  await Promise.race([waitUntilReady(url, READY_MS_MAX, ended), failWhenItEnds(server)]);
  const reach = isLoopback(options.host) ? "" : " Other machines can reach it, unencrypted.";
  say(`Serving at ${url} after ${secondsSince(began)} s.${reach}`);
  return server;
}

/** The tour: some past, a healthy while, a failure to watch. A server with a past already gets no second one. */
async function generate(session: Session, tokens: Tokens): Promise<KeptProcess> {
  const { options, url, ended } = session;
  const past = (await hasHistory(url, tokens.VIEWER_TOKEN, ended)) ? ["--no-history"] : [];
  const program = [
    process.execPath,
    join("generator", "main.ts"),
    "--tour",
    "--demo",
    "--url",
    url,
    "--rate",
    String(options.rate),
    ...past,
  ];
  // By environment: an argument would be readable by everybody on the machine.
  return keep(session, "the generator", program, { INGEST_TOKEN: tokens.INGEST_TOKEN }, "inherit");
}

function keep(
  session: Session,
  name: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  output: "inherit" | number,
): KeptProcess {
  session.ended.throwIfAborted();
  const child = startKept(name, command, { env: { ...process.env, ...env }, output });
  session.kept.push(child);
  return child;
}

async function failWhenItEnds(child: KeptProcess): Promise<never> {
  const code = await child.exited;
  throw new Failure(`${child.name} ended with exit code ${code}: the lines above may say why.`);
}

async function stopAll(kept: readonly KeptProcess[]): Promise<void> {
  // The generator first: it would complain about a server that is gone.
  for (const child of kept.toReversed()) await child.stop();
}

/** Also ends when the starting process is gone: a killed npm passes no signal on. */
function endOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort());
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) controller.abort();
  }, PARENT_LOOK_MS).unref();
  return controller.signal;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => reject(new Error("asked to end"));
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}

function lastLinesOfLog(): string {
  const lines = readFileSync(DEV_LOG, "utf8").trimEnd().split("\n").slice(-LOG_LINES_SHOWN);
  return `The server's log, ${relative(ROOT, DEV_LOG)}, ends with:\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function secondsSince(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}
