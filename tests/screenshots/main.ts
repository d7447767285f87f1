/** `npm run screenshots`: every page of the dashboard as it looks, from a seeded scenario on a Faultline of its own. */
import { join, relative, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { runMain } from "../../cli/failure.ts";
import { parseOptions } from "../../cli/options.ts";
import { ROOT } from "../../cli/paths.ts";
import type { FaultlineServer } from "../e2e/faultline-server.ts";
import { withDashboard } from "../e2e/with-dashboard.ts";
import { Scenario } from "./scenario.ts";
import { type Shot, takeShots, takeWindows } from "./shots.ts";

const HELP = `Usage: npm run screenshots -- [options]

Starts a Faultline of its own, plays a shop of twelve services (always the same, up to now) and takes a picture of every page at
1440 px, light and dark, and at 375 px. Needs CHROMIUM_PATH, as \`npm run test:e2e\` says. Takes about five minutes.

  --out FOLDER     where to, FOLDER/PAGE-WIDTH-SCHEME.png (screenshots)
  --readme         writes the pictures of README.md to web/ too
  --help           this text
`;

const CONNECT: readonly Shot[] = [{ name: "connect", path: "/" }];
const CALM: readonly Shot[] = [{ name: "fleet-calm", path: "/" }];
const SILENCES: readonly Shot[] = [
  { name: "silences", path: "/silences" },
  { name: "silence-new", path: "/silences?new=1&services=payments&endpoint=/payments/authorize" },
];

await runMain(async () => {
  const options = {
    out: { type: "string", default: "screenshots" },
    readme: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  const { values } = parseOptions(process.argv.slice(2), options, "npm run screenshots --");
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const folder = resolve(ROOT, values.out);
  // Demo mode, as `npm start` has it: the fleet's page then shows the panel that breaks a service.
  await withDashboard({ DEMO: "1" }, (server, browser) => picture(server, browser, folder, values.readme));
  return 0;
});

async function picture(server: FaultlineServer, browser: Browser, folder: string, forReadme: boolean): Promise<void> {
  const tell = (files: readonly string[]): void => {
    for (const file of files) process.stdout.write(`${relative(ROOT, file)}\n`);
  };
  tell(await takeShots(browser, server, CONNECT, folder));
  const scenario = new Scenario(server);
  try {
    await scenario.begin();
    tell(await takeShots(browser, server, CALM, folder));
    const { id } = await scenario.break();
    const incident = `/incidents/${encodeURIComponent(id)}`;
    if (forReadme) {
      const shots = [
        { name: "fleet", path: "/" },
        { name: "dashboard", path: "/services/checkout" },
        { name: "incident", path: incident },
      ];
      tell(await takeWindows(browser, server, shots, join(ROOT, "web")));
    }
    tell(await takeShots(browser, server, troubledPages(incident), folder));
    // Last, because those that hold are counted on every page.
    await scenario.silence();
    tell(await takeShots(browser, server, SILENCES, folder));
  } finally {
    await scenario.end();
  }
}

function troubledPages(incident: string): readonly Shot[] {
  return [
    { name: "fleet", path: "/" },
    { name: "service", path: "/services/checkout" },
    { name: "service-heat", path: "/services/checkout?latency=heat" },
    { name: "incident", path: incident },
    { name: "incidents", path: "/incidents" },
    { name: "settings", path: "/settings?for=checkout" },
    { name: "pipeline", path: "/pipeline" },
  ];
}
