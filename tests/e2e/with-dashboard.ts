/** A Faultline and a browser for programs that are no tests; both end with the program, however that ends. */
import type { Browser } from "playwright-core";
import { Failure } from "../../cli/failure.ts";
import { openBrowser } from "./browser.ts";
import { FaultlineServer } from "./faultline-server.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * @param variables what the Worker is told beside its tokens
 * @throws Failure where there is no browser, and where the program is asked to end
 */
export async function withDashboard<T>(
  variables: Readonly<Record<string, string>>,
  use: (server: FaultlineServer, browser: Browser) => Promise<T>,
): Promise<T> {
  if (!process.env["CHROMIUM_PATH"]) {
    throw new Failure(
      "CHROMIUM_PATH is not set: the path of a Chromium, from `apt-get install chromium` or an installed Chrome.",
    );
  }
  const asked = Promise.withResolvers<never>();
  const end = (): void => asked.reject(new Failure("it was asked to end."));
  for (const signal of SIGNALS) process.on(signal, end);
  const server = new FaultlineServer(variables);
  const started = Promise.all([openBrowser(false), server.start()]);
  try {
    return await Promise.race([started.then(([browser]) => use(server, browser)), asked.promise]);
  } finally {
    // What is still starting could not be ended: it is waited for, whether it succeeds or not.
    const [parts] = await Promise.allSettled([started]);
    if (parts.status === "fulfilled") await parts.value[0].close();
    await server.stop();
    for (const signal of SIGNALS) process.off(signal, end);
  }
}
