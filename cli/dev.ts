/** `npm run dev`: the dashboard's sources with hot reload, on the data of a Faultline that runs already. */
import { join } from "node:path";
import { adminToken, targetUrl } from "./admin-request.ts";
import { assertFree, urlOf } from "./address.ts";
import { runMain } from "./failure.ts";
import { parseOptions, parseWhole } from "./options.ts";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";
import { sessionLink } from "./session-link.ts";
import { DEFAULT_ORIGIN } from "../domain/link-command.ts";

/** Not `localhost`: a cookie belongs to a host whatever the port, so that signing in at `npm start`'s address signs in here too. */
const HOST = "127.0.0.1";

const HELP = `Usage: npm run dev -- [options]

Serves web/ with hot reload and takes its data from a Faultline that runs, as \`npm start\` does in another terminal. Prints a link
that signs in. Ctrl-C ends it.

  --url URL     where Faultline runs (FAULTLINE_URL, else ${DEFAULT_ORIGIN})
  --port N      where the dashboard is served, 1 to 65535 (5173)
  --help        this text

The admin token is taken from ADMIN_TOKEN, else from .dev.vars.
`;

await runMain(async () => {
  const options = {
    url: { type: "string" },
    port: { type: "string", default: "5173" },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  const { values } = parseOptions(process.argv.slice(2), options, "npm run dev --");
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const port = parseWhole("port", values.port, 1, 65_535);
  const url = targetUrl(values.url);
  const link = new URL(await sessionLink(url, adminToken(), "admin"));
  await assertFree(HOST, port);
  process.stdout.write(`\n  Open  ${urlOf(HOST, port)}/${link.hash}\n\n  The data is that of ${url}.\n\n`);
  const command = ["vite", "dev", "--host", HOST, "--port", String(port), "--strictPort"];
  const env = { ...process.env, FAULTLINE_URL: url };
  return await serve(command, env);
});

/** Until it ends, or is asked to: a signal that npm passes on reaches this process alone. */
async function serve(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const asked = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => asked.abort());
  try {
    return (await run(command, { cwd: join(ROOT, "web"), env, output: "inherit", ended: asked.signal })).code;
  } catch (error) {
    if (!asked.signal.aborted) throw error;
    return 0;
  }
}
