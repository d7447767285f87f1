/**
 * `npm run build:web`: builds the dashboard if anything that it is made of changed. wrangler runs it before each
 * `wrangler dev` and `wrangler deploy`, and again whenever a source of the Worker changes: so it is silent and cheap
 * when there is nothing to do.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure, runMain } from "./failure.ts";
import { fingerprint } from "./fingerprint.ts";
import { parseOptions } from "./options.ts";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";

const HELP = `Usage: npm run build:web -- [options]

Builds the dashboard into web/build if it changed.

  --force          builds in any case
  --help           this text
`;

const SOURCES = ["web", "domain", "package-lock.json", "package.json"];
const PRODUCTS = new Set(["web/build", "web/.svelte-kit", "web/node_modules"]);
const STAMP = join(ROOT, ".wrangler", "build-web.stamp");

await runMain(async () => {
  const options = {
    force: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  const { values } = parseOptions(process.argv.slice(2), options, "npm run build:web --");
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const now = fingerprint(ROOT, SOURCES, isNoPart);
  if (values.force || builtFrom() !== now) await build(now);
  return 0;
});

/** What the dashboard is not built from: products, tests, and the pictures of README.md. */
function isNoPart(path: string): boolean {
  return PRODUCTS.has(path) || path.endsWith(".test.ts") || /^web\/[^/]+\.png$/.test(path);
}

/** What the present build was made from; null where there is none. */
function builtFrom(): string | null {
  return existsSync(STAMP) && existsSync(join(ROOT, "web", "build", "index.html")) ? readFileSync(STAMP, "utf8") : null;
}

async function build(sources: string): Promise<void> {
  rmSync(STAMP, { force: true });
  const { code, output } = await run(["vite", "build"], { cwd: join(ROOT, "web") });
  if (code !== 0) {
    process.stderr.write(output);
    throw new Failure("the dashboard cannot be built: what vite printed above says where.");
  }
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, sources);
}
