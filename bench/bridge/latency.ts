/** How long after its Kafka timestamp an event is durable in its object, at low rates. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { NO_FAULTS } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { timedEventsBetween } from "../../generator/stream.ts";
import { bridgeSettings, type BridgeSettings, runBridge } from "../../tests/e2e/bridge.ts";
import { FaultlineServer } from "../../tests/e2e/faultline-server.ts";
import { FaultyProxy, pass } from "../../tests/e2e/faulty-proxy.ts";
import { TestKafka } from "../../tests/e2e/kafka.ts";
import { until } from "../../tests/e2e/process-group.ts";
import { required } from "../../tests/e2e/real-parts.ts";
import { quantileOf } from "../support/quantile.ts";

const PARTITIONS = 6;
const SERVICES = servicesOf(12);
/** The bridge finds its partitions, the objects come into being: not what is measured. */
const WARM_UP_MS = 5000;

export interface LatencyFigures {
  readonly rate: number;
  readonly partitions: number;
  readonly services: number;
  readonly events: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

/**
 * Events are produced one by one when they happen. A proxy before Faultline, which costs about a millisecond, notes when each batch
 * is answered; each line of a batch bears its record's timestamp.
 */
export async function measureLatency(rate: number, seconds: number, settings: BridgeSettings): Promise<LatencyFigures> {
  const server = new FaultlineServer();
  await server.start();
  const proxy = new FaultyProxy(server.url);
  await proxy.listen();
  const kafka = new TestKafka(required("KAFKA_BROKERS"));
  await kafka.createTopics(PARTITIONS);
  const delays_ms: number[] = [];
  let measured_from_ms = Number.POSITIVE_INFINITY;
  let answered = 0;
  proxy.treatment = async (exchange) => {
    const isSettled = await pass(exchange);
    const now_ms = Date.now();
    for (const [, timestamp] of exchange.body.toString("latin1").matchAll(/^\{"offset":\d+,"timestamp":(\d+),/gm)) {
      answered += 1;
      if (Number(timestamp) >= measured_from_ms) delays_ms.push(now_ms - Number(timestamp));
    }
    return isSettled;
  };
  const bridge = runBridge(
    { ...(await bridgeSettings(proxy.url, kafka)), ...settings },
    join(server.folder, "bridge.log"),
  );
  try {
    const start_ms = Date.now() + 1000;
    measured_from_ms = start_ms + WARM_UP_MS;
    const stream = { seed: 9, services: SERVICES, rate, faults: NO_FAULTS };
    const sending: Promise<void>[] = [];
    for (const { at_ms, event } of timedEventsBetween(stream, start_ms, measured_from_ms + seconds * 1000)) {
      const wait_ms = at_ms - Date.now();
      if (wait_ms > 0) await delay(wait_ms);
      sending.push(kafka.produce([{ key: event.service, value: JSON.stringify(event) }]));
    }
    await Promise.all(sending);
    await until("the last event", 60_000, () => (answered >= sending.length ? true : undefined));
  } finally {
    await bridge.end("SIGKILL");
    await proxy.close();
    await kafka.close();
    await server.stop();
  }
  delays_ms.sort((a, b) => a - b);
  return {
    rate,
    partitions: PARTITIONS,
    services: SERVICES.length,
    events: delays_ms.length,
    p50_ms: quantileOf(delays_ms, 0.5),
    p99_ms: quantileOf(delays_ms, 0.99),
    max_ms: quantileOf(delays_ms, 1),
  };
}
