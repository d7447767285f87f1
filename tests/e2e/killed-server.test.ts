/** SIGKILL of the whole server in the middle of a stream, the bridge retrying: exact counts in the end. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { NO_FAULTS } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type ServiceEventJson } from "../../generator/stream.ts";
import { startBridge } from "./bridge.ts";
import { expectedMinutes, totalsOf } from "./expected-windows.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { TestKafka } from "./kafka.ts";
import { type ProcessGroup, until } from "./process-group.ts";
import { required } from "./real-parts.ts";

const KILLS = 3;
const ROUND_EVENTS = 3000;

const SERVICES = servicesOf(3);
const server = new FaultlineServer();
const kafka = new TestKafka(required("KAFKA_BROKERS"));
let bridge: ProcessGroup | undefined;

beforeAll(async () => {
  await Promise.all([server.start(), kafka.createTopics(4)]);
  bridge = await startBridge(server, kafka);
});

afterAll(async () => {
  await bridge?.end();
  await server.stop();
  await kafka.close();
});

async function acceptedCount(): Promise<number> {
  const details = await Promise.all(
    SERVICES.map(({ service }) =>
      server.get<{ counters: { accepted: number } }>(`/v1/services/${service}`).catch(() => null),
    ),
  );
  return details.reduce((sum, detail) => sum + (detail?.counters.accepted ?? 0), 0);
}

test("nothing is lost and nothing is doubled", async () => {
  const start_ms = Date.now() - 600_000;
  const options = { seed: 11, services: SERVICES, rate: 100, faults: NO_FAULTS };
  const events: ServiceEventJson[] = [];
  for (let round = 0; round <= KILLS; round += 1) {
    const from_ms = start_ms + round * 60_000;
    const own = [...eventsBetween(options, from_ms, from_ms + 60_000)].slice(0, ROUND_EVENTS);
    events.push(...own);
    const before = await acceptedCount();
    const producing = kafka.produce(own.map((event) => ({ key: event.service, value: JSON.stringify(event) })));
    if (round < KILLS) {
      // The stream is under way: a part of this round has been applied, the rest has not.
      await until("a part of the round", 30_000, async () => ((await acceptedCount()) > before ? true : undefined));
      await server.kill();
      await producing;
      await server.start();
    } else await producing;
  }
  for (const { service } of SERVICES) {
    await until(`the windows of ${service}`, 90_000, async () => {
      expect(totalsOf(await server.minutes(service, start_ms - 60_000, Date.now() + 60_000))).toEqual(
        expectedMinutes(events, service),
      );
      return true;
    });
  }
});
