/** `faultline export`: what is set in a running Faultline, as a configuration file. */
import { writeFile } from "node:fs/promises";
import { DEFAULT_ORIGIN } from "../domain/link-command.ts";
import type { SettingsVersion } from "../domain/resource.ts";
import { SETTINGS_FILE } from "../domain/settings-file.ts";
import type { AsCode } from "../domain/subscriptions-as-code.ts";
import { resolveNames } from "../domain/target-names.ts";
import { askAdmin } from "./admin-answer.ts";
import { adminToken, targetUrl } from "./admin-request.ts";
import { Failure, reasonOf } from "./failure.ts";
import { parseOptions } from "./options.ts";
import { AS_CODE_PATH } from "./plan/config-plan.ts";
import { holdingsOf } from "./plan/plan-lines.ts";

const EXPORT_HELP = `Usage: faultline export [options]

Prints the settings, subscriptions and silences of a running Faultline as a file that \`faultline plan\` and
\`faultline apply\` take, so that what was changed on its pages can be kept. Every secret stands in it by the name of a
variable: the one that it came from, else SUBSCRIPTION_<NAME>_<MEMBER>; which ones is said on standard error.

  --out FILE  writes it there, as in --out ${SETTINGS_FILE}; a file that is there stays
  --force     writes over it
  --url URL   where Faultline runs (FAULTLINE_URL, else ${DEFAULT_ORIGIN})
  --help      this text

Snoozes are of the moment and left out. The admin token is taken from ADMIN_TOKEN, else from .dev.vars.
Ends with 0; with 1 where it could not be done; with 2 for a wrong option.
`;

export async function exportConfig(argv: readonly string[]): Promise<number> {
  const { values } = parseOptions(
    argv,
    {
      out: { type: "string" },
      force: { type: "boolean", default: false },
      url: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
    "faultline export",
  );
  if (values.help) {
    process.stdout.write(EXPORT_HELP);
    return 0;
  }
  if (values.force && values.out === undefined) throw new Failure("--force goes with --out.", 2);
  const server = { url: targetUrl(values.url), token: adminToken() };
  const { document } = await askAdmin<SettingsVersion>(server, { method: "GET", path: "/v1/settings" });
  const code = await askAdmin<AsCode>(server, { method: "GET", path: AS_CODE_PATH });
  const text = `${JSON.stringify({ $schema: "./faultline.schema.json", ...document, ...code }, null, 2)}\n`;
  if (values.out === undefined) process.stdout.write(text);
  else await write(values.out, text, values.force);
  const names = namesOf(code);
  const needs = names.length === 0 ? "" : ` Before a plan, set ${names.join(", ")}.`;
  process.stderr.write(`faultline: ${holdingsOf(code)}, and the settings.${needs}\n`);
  return 0;
}

function namesOf({ subscriptions = [] }: AsCode): string[] {
  const all = subscriptions.flatMap(({ target }) => Object.values(resolveNames(target, () => "").names));
  return [...new Set(all)].toSorted();
}

async function write(path: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new Failure(
      isThere ? `${path} is there already: --force writes over it.` : `${path} cannot be written: ${reasonOf(error)}.`,
    );
  }
}
