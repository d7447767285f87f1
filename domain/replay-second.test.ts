import fc from "fast-check";
import { expect, test } from "vitest";
import { ReplaySecond } from "./replay-second.ts";
import { bucketDeltas, type ServiceEvents, sumEvents } from "./service-batch.ts";
import { NO_CLASSES } from "./status-classes.ts";

const SECOND = 1_764_000_000;
const ENDPOINTS = ["/a", "/b", "/c"];
const VERSIONS = Array.from({ length: 12 }, (_, i) => `1.${i}`);

const events = fc.array(
  fc.record({
    endpoint: fc.nat(2),
    latency_us: fc.integer({ min: 0, max: 3_600_000_000 }),
    status_code: fc.constantFrom(200, 503),
    version: fc.nat(VERSIONS.length),
  }),
  { minLength: 1, maxLength: 200 },
);

const isError = (status_code: number): boolean => status_code >= 500;

/**
 * By the name of each endpoint: numbers differ with the order in which names were met. Without the classes of answers: they judge
 * nothing, and a replay tells no evidence.
 */
function told(
  { second, bucket, versions }: ReturnType<typeof bucketDeltas>[number],
  names: readonly string[],
): unknown {
  const endpoints = bucket.endpoints.map(({ name, ...sums }) => [names[name]!, sums] as const);
  return { second, versions, bucket: { ...bucket, classes: NO_CLASSES, endpoints: Object.fromEntries(endpoints) } };
}

test("a second of a replay is what the Worker makes of the same events, taken once more after a restart too", () => {
  const own = new ReplaySecond(SECOND);
  fc.assert(
    fc.property(events, (list) => {
      own.restart(SECOND);
      for (const { endpoint, latency_us, status_code, version } of list)
        own.add(ENDPOINTS[endpoint]!, latency_us, isError(status_code), VERSIONS[version - 1] ?? null);
      const columns: ServiceEvents = {
        offsets: new Float64Array(list.length),
        timestamps_ms: new Float64Array(list.length),
        event_times_ms: new Float64Array(list.length).fill(SECOND * 1000 + 5),
        endpoint: Uint16Array.from(list, (event) => event.endpoint),
        latency_us: Uint32Array.from(list, (event) => event.latency_us),
        status_code: Uint16Array.from(list, (event) => event.status_code),
        version: Uint16Array.from(list, (event) => event.version),
        endpoints: ENDPOINTS,
        versions: VERSIONS,
      };
      const names: string[] = [];
      const [delta] = bucketDeltas(sumEvents(columns), isError);
      expect(told(own.take(names), names)).toEqual(told(delta!, ENDPOINTS));
      expect(delta!.versions.length).toBeLessThanOrEqual(8);
    }),
  );
});
