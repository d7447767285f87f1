/** `faultline link`: another link to the dashboard. */
import { type Role, ROLES } from "../domain/resource.ts";
import { DEFAULT_ORIGIN } from "../domain/link-command.ts";
import { adminToken, targetUrl } from "./admin-request.ts";
import { Failure } from "./failure.ts";
import { parseOptions } from "./options.ts";
import { sessionLink } from "./session-link.ts";

export const LINK_HELP = `Usage: faultline link [options]

Prints a link that opens the dashboard signed in, once, within 5 minutes.

  --url URL        where Faultline runs (FAULTLINE_URL, else ${DEFAULT_ORIGIN})
  --role ROLE      admin or viewer (admin)
  --help           this text

The admin token is taken from ADMIN_TOKEN, else from .dev.vars.
`;

export async function link(argv: readonly string[]): Promise<number> {
  const { values } = parseOptions(
    argv,
    {
      url: { type: "string" },
      role: { type: "string", default: "admin" },
      help: { type: "boolean", short: "h", default: false },
    },
    "faultline link",
  );
  if (values.help) {
    process.stdout.write(LINK_HELP);
    return 0;
  }
  const url = targetUrl(values.url);
  const role = parseRole(values.role);
  process.stdout.write(`${await sessionLink(url, adminToken(), role)}\n`);
  return 0;
}

function parseRole(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role !== undefined) return role;
  throw new Failure(`--role must be ${ROLES.join(" or ")}, not "${text}".`, 2);
}
