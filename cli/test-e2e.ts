/** `npm run test:e2e`: the tests that need a real Kafka, Redpanda Connect, PostgreSQL, Ollama, Alertmanager and browser. */
import { runMain } from "./failure.ts";
import { type Outcome, parseFilters, runStep, summarize } from "./step.ts";
import { runVitest } from "./vitest-run.ts";

const HELP = `Usage: npm run test:e2e -- [FILTER ...]

Runs tests/e2e against the real parts that these name:

  KAFKA_BROKERS     host:port of a Kafka or Redpanda, as in 127.0.0.1:9092
  CONNECT_BIN       path of a Redpanda Connect binary, 4.100 or newer
  CHROMIUM_PATH     path of a Chromium
  POSTGRES_BIN      folder with PostgreSQL's initdb, postgres, pg_ctl and psql
  OLLAMA_URL        URL of an Ollama that has the model smollm2:135m
  ALERTMANAGER_BIN  path of Prometheus' Alertmanager, 0.25 or newer

Without them it says what is missing and does nothing; under CI=true it then fails. One test restarts a Kafka of its own: where
Java 17 is and KAFKA_LIBS names the jars of an Apache Kafka 4 (libs/ of its download); without them that one is skipped.
`;

/** What a run needs, and how a person comes by it. */
const NEEDS = {
  KAFKA_BROKERS: "host:port of any Kafka 3.7 or newer, or Redpanda, that may be written to, as in 127.0.0.1:9092",
  CONNECT_BIN: "path of Redpanda Connect 4.100 or newer: github.com/redpanda-data/connect/releases",
  CHROMIUM_PATH: "path of a Chromium: `apt-get install chromium`, or an installed Chrome",
  POSTGRES_BIN: "folder of initdb and psql: `apt-get install postgresql`, then /usr/lib/postgresql/<version>/bin",
  OLLAMA_URL: "URL of an Ollama, as in http://127.0.0.1:11434, after `ollama pull smollm2:135m`",
  ALERTMANAGER_BIN:
    "path of Alertmanager: `apt-get install prometheus-alertmanager`, then /usr/bin/prometheus-alertmanager",
} as const;

await runMain(async () => {
  const { help, filters } = parseFilters(process.argv.slice(2), "npm run test:e2e --");
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const lacking = Object.entries(NEEDS).filter(([name]) => (process.env[name] ?? "") === "");
  if (lacking.length > 0) return refuse(lacking);
  const outcomes: Outcome[] = [
    // wrangler's build step, ahead of the clock of the first test that starts it.
    await runStep({ name: "dashboard build", commands: [[process.execPath, "cli/bootstrap.mjs", "build:web"]] }),
    await runVitest("end to end", ["--config", "vitest.e2e.config.ts", ...filters]),
  ];
  return summarize(outcomes);
});

function refuse(lacking: readonly (readonly [string, string])[]): number {
  const inCi = process.env["CI"] === "true";
  process.stdout.write(`The end-to-end tests ${inCi ? "cannot run" : "were skipped"}; not set:\n`);
  for (const [name, how] of lacking) process.stdout.write(`  ${name.padEnd(16)} ${how}\n`);
  process.stdout.write(inCi ? "0 passed, 1 failed\n" : "0 passed, 0 failed\n");
  return inCi ? 1 : 0;
}
