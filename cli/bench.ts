/** `npm run bench -- NAME`: runs bench/NAME.ts. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Failure, runMain } from "./failure.ts";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";
import { WRANGLER_ENV } from "./wrangler.ts";

await runMain(async () => {
  const [name, ...args] = process.argv.slice(2);
  const benches = listBenches(join(ROOT, "bench"));
  if (name === undefined || name === "--help" || name === "-h") {
    process.stdout.write(help(benches));
    return name === undefined ? 2 : 0;
  }
  if (!benches.has(name))
    throw new Failure(`there is no benchmark "${name}". Known: ${[...benches.keys()].join(", ") || "none"}.`, 2);
  const env = { ...process.env, ...WRANGLER_ENV };
  return (await run([process.execPath, join("bench", `${name}.ts`), ...args], { env, output: "inherit" })).code;
});

/** Programs of the folder with the words of their first line, a doc comment; what they share lies in folders below. */
function listBenches(folder: string): ReadonlyMap<string, string> {
  const benches = new Map<string, string>();
  for (const file of globSync("*.ts", { cwd: folder }).sort()) {
    const says = /^\/\*\* (.+?)(?: \*\/)?$/.exec(readFileSync(join(folder, file), "utf8").split("\n", 1)[0] ?? "")?.[1];
    if (says !== undefined && !file.endsWith(".test.ts")) benches.set(basename(file, ".ts"), says);
  }
  return benches;
}

function help(benches: ReadonlyMap<string, string>): string {
  const lines = [...benches].map(([name, says]) => `  ${name.padEnd(12)} ${says}\n`);
  return `Usage: npm run bench -- <name> [options]\n\nPrints figures as JSON lines.\n\n${lines.join("") || "  There is none yet.\n"}`;
}
