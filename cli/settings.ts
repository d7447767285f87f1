/** `faultline settings`: what is set in a running Faultline, and how it is changed. */
import type { ServiceSettingsItem, SettingsVersion } from "../domain/resource.ts";
import { SETTINGS_FILE } from "../domain/settings-file.ts";
import { DEFAULT_ORIGIN } from "../domain/link-command.ts";
import { askAdmin } from "./admin-answer.ts";
import { type AdminRequest, adminToken, targetUrl } from "./admin-request.ts";
import { readConfig } from "./config-file.ts";
import { Failure } from "./failure.ts";
import { parseOptions } from "./options.ts";

const SETTINGS_HELP = `Usage: faultline settings show [SERVICE] [options]
       faultline settings apply [FILE] [options]

show prints the settings document in force, or what a service is judged by, as JSON.
apply makes the settings of a file (${SETTINGS_FILE}) the document in force; every service goes by it within seconds,
without a restart. Its subscriptions and silences are \`faultline apply\`'s.

  --url URL           where Faultline runs (FAULTLINE_URL, else ${DEFAULT_ORIGIN})
  --if-version N      apply only if version N is still the newest: nobody's change in between is lost (0: there is none yet)
  --help              this text

The admin token is taken from ADMIN_TOKEN, else from .dev.vars. Every version is kept: GET /v1/settings/history.
Ends with 0; with 1 where it could not be done or the file is wrong; with 2 for a wrong option.
`;

export async function settings(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    argv,
    {
      url: { type: "string" },
      "if-version": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
    "faultline settings",
    true,
  );
  if (values.help) {
    process.stdout.write(SETTINGS_HELP);
    return 0;
  }
  const [action, name, ...more] = positionals;
  if ((action !== "show" && action !== "apply") || more.length > 0)
    throw new Failure("settings takes `show [SERVICE]` or `apply [FILE]` (`faultline settings --help`).", 2);
  const url = targetUrl(values.url);
  const version = parseVersion(values["if-version"]);
  process.stdout.write(`${action === "show" ? await show(url, name) : await apply(url, name, version)}\n`);
  return 0;
}

async function show(url: string, service: string | undefined): Promise<string> {
  const path = service === undefined ? "/v1/settings" : `/v1/services/${encodeURIComponent(service)}/settings`;
  return JSON.stringify(await ask<SettingsVersion | ServiceSettingsItem>(url, { method: "GET", path }), null, 2);
}

async function apply(url: string, file = SETTINGS_FILE, if_version: number | null): Promise<string> {
  // Read and checked here first, so that what is wrong is named with the file, and without a server.
  const { settings: document, as_code } = await readConfig(file);
  // A document of nothing puts everything back: nobody means that who only wrote of subscriptions.
  if (document === null && Object.keys(as_code).length > 0)
    throw new Failure(`${file} has no settings; its subscriptions and silences are for \`faultline apply\`.`);
  const body = JSON.stringify(document ?? {});
  const headers = if_version === null ? {} : { "if-match": `"${if_version}"` };
  const { version } = await ask<SettingsVersion>(url, { method: "PUT", path: "/v1/settings", headers, body });
  return `${file} is in force at ${url} as version ${version}.`;
}

function ask<T extends object>(url: string, request: AdminRequest): Promise<T> {
  return askAdmin<T>({ url, token: adminToken() }, request);
}

function parseVersion(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Failure(`--if-version must be the number of a version, not "${text}".`, 2);
}
