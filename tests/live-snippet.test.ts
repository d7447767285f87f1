/** The lines by which a page listens, as the introduction shows them: run as they stand, through a proxy that breaks connections off. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { ROOT } from "../cli/paths.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { FleetWorld, incidentOf } from "./fleet-harness.ts";
import { LiveEndpoint } from "./live-endpoint.ts";

const SHOWN_IN = join(ROOT, "README.md");
const CUTS = 2;

/** What follows the marker, between its fences. */
function snippet(): string {
  const [, code] = /<!-- live in a browser -->\s+```js\n(.*?)```/s.exec(readFileSync(SHOWN_IN, "utf8")) ?? [];
  if (code === undefined) throw new Error(`${SHOWN_IN} shows no lines for a browser`);
  return code;
}

/** What a page has that Node has not; what is told is printed as JSON; tries come as soon as they may. */
const PAGE = `
globalThis.location = new URL(process.env.PAGE_URL);
Math.random = () => 0;
console.log = (message) => process.stdout.write(JSON.stringify(message) + "\\n");
`;

test(`the lines for a browser tell each change once, though their connection breaks off ${CUTS} times`, async () => {
  const world = new FleetWorld();
  await world.admit("checkout");
  let connections = 0;
  const endpoint = new LiveEndpoint((request) => world.connect(`page ${(connections += 1)}`, request));
  await endpoint.listen();
  const proxy = new CuttingProxy(endpoint.url);
  await proxy.listen();
  let published = 0;
  const publish = async (): Promise<void> => {
    published += 1;
    const incident = incidentOf("checkout", { revision: published });
    await world.actor.incidents([{ service: "checkout", seq: published, action: "updated", incident }]);
    endpoint.pump();
  };
  // Before anybody listens: none of the page's business.
  await publish();

  const page = spawn(process.execPath, ["--input-type=module", "--eval", `${PAGE}${snippet()}`], {
    cwd: ROOT,
    env: { ...process.env, PAGE_URL: proxy.url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const seqs: number[] = [];
  const heard = createInterface({ input: page.stdout })[Symbol.asyncIterator]();
  const hear = async (): Promise<void> => {
    const { value } = await heard.next();
    seqs.push((JSON.parse(String(value)) as { seq: number }).seq);
  };
  try {
    while (endpoint.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (let at = 0; at < CUTS; at += 1) {
      await publish();
      await hear();
      proxy.cutSoon(100);
      await publish();
      await publish();
      await hear();
      await hear();
    }
  } finally {
    page.kill();
    await proxy.close();
    await endpoint.close();
    world.storage.close();
  }
  expect(seqs).toEqual(Array.from({ length: published - 1 }, (_, at) => at + 2));
  expect(proxy.cuts).toBe(CUTS);
  expect(endpoint.asked.map(({ after }) => after)).toEqual([null, 2, 5]);
}, 60_000);
