/** `faultline plan`: what `faultline apply` would change. */
import { DEFAULT_ORIGIN } from "../domain/link-command.ts";
import { SETTINGS_FILE } from "../domain/settings-file.ts";
import { adminToken, targetUrl } from "./admin-request.ts";
import { readConfig } from "./config-file.ts";
import { Failure } from "./failure.ts";
import { parseOptions } from "./options.ts";
import { asCodeBody } from "./plan/as-code-body.ts";
import { isToDo, planConfig } from "./plan/config-plan.ts";
import { planLines, summaryOf } from "./plan/plan-lines.ts";

const PLAN_HELP = `Usage: faultline plan [FILE] [options]

Shows what \`faultline apply\` would change so that a running Faultline is as a file says (${SETTINGS_FILE}): its
settings, its subscriptions and its silences. Nothing is changed. Of each of the three that a file leaves out, nothing
is touched; a list that is there is taken as a whole, so that what stands in it no more would be deleted.

  --json     {"settings": {"version", "changes"} or null, "changes": [{"kind", "what", "name", "fields"}],
             "is_pending"}, which says whether something is stored that does not hold yet
  --url URL  where Faultline runs (FAULTLINE_URL, else ${DEFAULT_ORIGIN})
  --help     this text

Secrets stand in the file by name, as in {"env": "SLACK_URL"}, and are taken from the environment of this command; none
is ever printed. The admin token is taken from ADMIN_TOKEN, else from .dev.vars.
Ends with 0 where nothing is to do; with 3 where something is; with 1 where the file is wrong, a variable is not set or
the server refuses; with 2 for a wrong option.
`;

/** Something is to do. */
const EXIT_TO_DO = 3;

export async function plan(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    argv,
    {
      json: { type: "boolean", default: false },
      url: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
    "faultline plan",
    true,
  );
  if (values.help) {
    process.stdout.write(PLAN_HELP);
    return 0;
  }
  const [file = SETTINGS_FILE, ...more] = positionals;
  if (more.length > 0) throw new Failure("plan takes one FILE (`faultline plan --help`).", 2);
  const url = targetUrl(values.url);
  const config = await readConfig(file);
  const body = asCodeBody(file, config.as_code, process.env);
  const found = await planConfig({ url, token: adminToken() }, config, body);
  if (values.json) {
    const settings =
      found.settings === null ? null : { version: found.settings.version, changes: found.settings.changes };
    const { changes, is_pending } = found;
    process.stdout.write(`${JSON.stringify({ settings, changes, is_pending })}\n`);
  } else {
    const lines = [...planLines(found, config), `${url}: ${summaryOf(found, "to do")}`];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  return isToDo(found) ? EXIT_TO_DO : 0;
}
