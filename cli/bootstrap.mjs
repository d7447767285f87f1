/**
 * What package.json's scripts call: installs what is missing, then runs the command's TypeScript program with Node 24.
 * Built-ins only, because it runs before anything is installed, under any Node from 20 on.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError } from "./install.mjs";
import { alone } from "./lock.mjs";
import { runProgram } from "./run-program.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * `lock`: runs of the command must not overlap; a second one waits its turn.
 *
 * @type {Record<string, { program: string, does: string, lock?: string }>}
 */
const COMMANDS = {
  start: { program: "cli/start.ts", does: "runs Faultline here with generated events" },
  test: { program: "cli/test.ts", does: "runs every test that needs no outside server" },
  "test:e2e": { program: "cli/test-e2e.ts", does: "runs the tests against a real Kafka, Redpanda Connect and browser" },
  generate: { program: "generator/main.ts", does: "sends generated events to Faultline or Kafka" },
  sim: { program: "sim/sim.ts", does: "runs simulations by seed, with faults everywhere" },
  bench: { program: "cli/bench.ts", does: "runs a benchmark by name" },
  "eval:narrator": { program: "bench/narrator-eval.ts", does: "holds narratives against recorded faults" },
  dev: { program: "cli/dev.ts", does: "serves the dashboard's sources with hot reload" },
  screenshots: { program: "tests/screenshots/main.ts", does: "takes pictures of every page of the dashboard" },
  // The build empties its folder first; two `wrangler dev` at once would serve each other's half.
  "build:web": {
    program: "cli/build-web.ts",
    does: "builds the dashboard if it changed",
    lock: "build-web.lock",
  },
};

const USAGE = `Usage: npm start | npm test | npm run <command> -- [options]

${Object.entries(COMMANDS)
  .map(([name, { does }]) => `  ${name.padEnd(13)} ${does}`)
  .join("\n")}

\`--help\` after a command explains its options.
`;

/** @returns {Promise<number>} exit code */
async function main() {
  const [name = "--help", ...args] = process.argv.slice(2);
  if (name === "--help" || name === "-h") {
    process.stdout.write(USAGE);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`faultline: there is no command "${name}". Known: ${Object.keys(COMMANDS).join(", ")}.\n`);
    return 2;
  }
  const run = () => runProgram(ROOT, command.program, args);
  if (command.lock === undefined || args.includes("--help")) return await run();
  return await alone(join(ROOT, ".wrangler", command.lock), run);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`faultline: ${error.message}\n`);
  process.exitCode = 1;
}
