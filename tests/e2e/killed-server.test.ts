/** SIGKILL of the whole server in the middle of a batch, the bridge retrying: exact counts in the end. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomFor } from "../../generator/random.ts";
import { openScenario } from "./bridge-scenario.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { pass } from "./faulty-proxy.ts";

const KILLS = 3;
const SEED = Number(process.env["SEED"] ?? 11);

const server = new FaultlineServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

test(`nothing is lost and nothing is doubled in ${KILLS} kills (SEED=${SEED})`, async (context) => {
  const { stream, proxy } = await openScenario(context, server, {
    partitions: 4,
    settings: { BATCH_BYTES: "16KiB", BUFFER_BYTES: "32KiB" },
  });
  const random = randomFor(SEED);
  stream.startBridge();
  for (let killed = 0; killed < KILLS; killed += 1) {
    const dead = Promise.withResolvers<void>();
    let left = 1 + random.index(12);
    proxy.treatment = async (exchange) => {
      left -= 1;
      if (left !== 0) return await pass(exchange);
      // The batch is at the server when it dies: applied by some services, by all or by none.
      const passing = pass(exchange);
      dead.resolve(server.kill());
      return await passing;
    };
    await stream.produce(3000);
    await dead.promise;
    proxy.treatment = pass;
    await server.start();
  }
  await stream.expectExact();
  expect(proxy.breaches).toEqual([]);
});
