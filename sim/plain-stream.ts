/** The incidents, and their first words, of a stream that comes without any disturbance: in small batches, each partition in turn, under a clock that stands. */
import type { DurableEvent } from "../domain/message.ts";
import { positionOf } from "../tests/delivery.ts";
import { MonitorHarness, type TestEvent } from "../tests/monitor-harness.ts";

const BATCH = 25;
/** A service that is new closes nothing for this long. */
const WARM_UP_MS = 5_000;
const QUIET_MS = 6_000;

export function plainIncidents(service: string, streams: readonly (readonly TestEvent[])[]): DurableEvent[] {
  const newest_ms = Math.max(...streams.flat().map((event) => event.event_time_ms));
  const harness = new MonitorHarness(service, newest_ms + 1_000);
  const send = (partition: number, events: readonly TestEvent[]): void => {
    if (events.length > 0) harness.deliver(events, positionOf(partition, events));
  };
  for (const [partition, events] of streams.entries()) send(partition, events.slice(0, 1));
  harness.now_ms += WARM_UP_MS;
  const longest = Math.max(...streams.map((events) => events.length));
  for (let at = 1; at < longest; at += BATCH)
    for (const [partition, events] of streams.entries()) send(partition, events.slice(at, at + BATCH));
  harness.now_ms += QUIET_MS;
  harness.actor.onAlarm();
  const events = harness.events();
  harness.storage.close();
  return events;
}
