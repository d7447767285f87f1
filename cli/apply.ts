/** `faultline apply`: makes a running Faultline as a file says. */
import { DEFAULT_ORIGIN } from "../domain/link-command.ts";
import type { SettingsVersion } from "../domain/resource.ts";
import { SETTINGS_FILE } from "../domain/settings-file.ts";
import type { AsCodeBody } from "../domain/subscriptions-as-code.ts";
import { askAdmin } from "./admin-answer.ts";
import { adminToken, targetUrl } from "./admin-request.ts";
import { readConfig } from "./config-file.ts";
import { Failure } from "./failure.ts";
import { parseOptions } from "./options.ts";
import { isAgreed } from "./plan/agreement.ts";
import { asCodeBody } from "./plan/as-code-body.ts";
import { type ConfigPlan, isCodeToDo, isToDo, planConfig, sendCode, type Server } from "./plan/config-plan.ts";
import { planLines, summaryOf } from "./plan/plan-lines.ts";

const APPLY_HELP = `Usage: faultline apply [FILE] [options]

Makes a running Faultline as a file says (${SETTINGS_FILE}): its settings, its subscriptions and its silences. It shows
first what would change, as \`faultline plan\` does (whose help says how a file is taken), and asks.

  --yes      does not ask; needed where there is no terminal
  --url URL  where Faultline runs (FAULTLINE_URL, else ${DEFAULT_ORIGIN})
  --help     this text

Settings are changed only where nobody has changed them since they were read. Everything stands in the audit log.
Ends with 0 where all is as the file says, also where nothing had to be done; with 1 where the file is wrong, a variable
is not set, the server refuses or you decline; with 2 for a wrong option.
`;

export async function apply(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    argv,
    {
      yes: { type: "boolean", short: "y", default: false },
      url: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
    "faultline apply",
    true,
  );
  if (values.help) {
    process.stdout.write(APPLY_HELP);
    return 0;
  }
  const [file = SETTINGS_FILE, ...more] = positionals;
  if (more.length > 0) throw new Failure("apply takes one FILE (`faultline apply --help`).", 2);
  if (!values.yes && !(process.stdin.isTTY && process.stdout.isTTY))
    throw new Failure("apply asks before it changes anything, and there is no terminal to ask: give --yes.", 2);
  const url = targetUrl(values.url);
  const server: Server = { url, token: adminToken() };
  const config = await readConfig(file);
  const body = asCodeBody(file, config.as_code, process.env);
  const plan = await planConfig(server, config, body);
  process.stdout.write([...planLines(plan, config), `${url}: ${summaryOf(plan, "to do")}`, ""].join("\n"));
  if (!isToDo(plan)) return 0;
  if (!values.yes && !(await isAgreed(process.stdin, process.stdout))) throw new Failure("nothing was changed.");
  const done = await applyPlan(server, plan, body);
  process.stdout.write(`${url} is as ${file} says: ${summaryOf(done, "done")}\n`);
  return 0;
}

/** Gives what was done, which is what was planned unless somebody else changed something in between. */
async function applyPlan(server: Server, plan: ConfigPlan, body: AsCodeBody): Promise<ConfigPlan> {
  const { settings } = plan;
  if (settings !== null && settings.changes.length > 0) {
    const headers = { "if-match": `"${settings.version}"` };
    const request = { method: "PUT", path: "/v1/settings", headers, body: JSON.stringify(settings.document) } as const;
    await askAdmin<SettingsVersion>(server, request);
  }
  if (!isCodeToDo(plan)) return plan;
  const { changes } = await sendCode(server, body, false).catch((error: unknown) => {
    if (!(error instanceof Failure) || settings === null || settings.changes.length === 0) throw error;
    throw new Failure(`${error.message} (The settings are changed already.)`);
  });
  return { ...plan, changes };
}
