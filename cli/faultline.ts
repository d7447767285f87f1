/** The `faultline` command: each subject is a file of its own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { apply } from "./apply.ts";
import { breakService } from "./break.ts";
import { dlq } from "./dlq.ts";
import { exportConfig } from "./export.ts";
import { Failure, runMain } from "./failure.ts";
import { link } from "./link.ts";
import { map } from "./map.ts";
import { ROOT } from "./paths.ts";
import { plan } from "./plan.ts";
import { replay } from "./replay.ts";
import { settings } from "./settings.ts";
import { tail } from "./tail.ts";
import { validate } from "./validate.ts";

interface Command {
  readonly does: string;
  readonly run: (argv: readonly string[]) => Promise<number>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["link", { does: "prints a link that opens the dashboard signed in", run: link }],
  ["tail", { does: "tells every change of an incident as it happens", run: tail }],
  ["replay", { does: "tells what would have been told of a recorded stream", run: replay }],
  ["validate", { does: "checks a configuration file", run: validate }],
  ["dlq", { does: "lists the dead letters of the bridge, and sends them back", run: dlq }],
  ["map", { does: "proposes the bridge's mapping from a sample of a topic's own messages", run: map }],
  ["break", { does: "lets a generated service fail on purpose, in demo mode", run: breakService }],
  ["settings", { does: "shows the settings in force, or applies a file of them", run: settings }],
  ["plan", { does: "shows what apply would change", run: plan }],
  ["apply", { does: "makes settings, subscriptions and silences as a file says", run: apply }],
  ["export", { does: "prints what is set as such a file", run: exportConfig }],
]);

const HELP = `Usage: faultline <command> [options]

${[...COMMANDS].map(([name, { does }]) => `  ${name.padEnd(10)} ${does}`).join("\n")}

  --version  the version
  --help     this text; after a command, its options
`;

await runMain(async () => {
  const [name = "--help", ...argv] = process.argv.slice(2);
  if (name === "--help" || name === "-h" || name === "--version" || name === "-v") {
    process.stdout.write(name.startsWith("--v") || name === "-v" ? `${version()}\n` : HELP);
    return 0;
  }
  const command = COMMANDS.get(name);
  if (command === undefined)
    throw new Failure(`there is no command "${name}". Known: ${[...COMMANDS.keys()].join(", ")}.`, 2);
  return await command.run(argv);
});

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new Error("package.json has no version");
}
