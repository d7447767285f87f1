/** What the fields of an event are called in other people's messages. */
import type { Path } from "./message-fields.ts";
import type { Unit } from "./unit-conversions.ts";

export const EVENT_FIELDS = [
  "event_time",
  "service",
  "endpoint",
  "latency_ms",
  "status_code",
  "caller",
  "version",
] as const;
export type EventField = (typeof EVENT_FIELDS)[number];

/** Events may do without it. */
export function isOptional(field: EventField): boolean {
  return field === "caller" || field === "version";
}

/** The likeliest first; without separators, in lower case, without a unit. Nested ones with their parents' names before them. */
const NAMES: Readonly<Record<EventField, readonly string[]>> = {
  event_time: words(
    "eventtime timestamp time ts timestampiso8601 timeiso8601 starttime startedat datetime date at requestedat createdat occurredat logtime msec timeunix starttimeunix",
  ),
  service: words(
    "service servicename microservice application applicationname app appname svc component containername labelsapp deployment program job workload upstreamservice system vhost servername host",
  ),
  endpoint: words(
    "endpoint httproute route routetemplate pathtemplate urltemplate path urlpath requestpath requesturi uri requesturl url httptarget target request operation operationname resource handler",
  ),
  latency_ms: words(
    "latency duration responsetime requesttime elapsed elapsedtime requestduration responseduration took processingtime servicetime timetaken totaltime rt",
  ),
  status_code: words(
    "statuscode httpstatuscode httpresponsestatuscode responsestatuscode responsecode responsestatus httpstatus status httpcode returncode code sc",
  ),
  caller: words(
    "caller callername callerservice callingservice sourceservice clientservice clientapp clientname peerservice sourceworkload downstreamservice",
  ),
  version: words(
    "version serviceversion appversion applicationversion release buildversion buildtag build imagetag gitsha gitcommit commit revision",
  ),
};

function words(text: string): readonly string[] {
  return text.split(" ");
}

/** Words that tell what a longer name is about: less likely than any of the above. */
const PARTS: Readonly<Record<EventField, readonly string[]>> = {
  event_time: words("timestamp time"),
  service: [],
  endpoint: words("route path uri url"),
  latency_ms: words("latency duration elapsed took"),
  status_code: words("status"),
  caller: [],
  version: [],
};
const PART_RANK = 100;

const UNIT_WORDS: ReadonlyMap<string, Unit> = new Map([
  ...words("s sec secs second seconds").map((word) => [word, "s"] as const),
  ...words("ms msec msecs milli millis millisecond milliseconds").map((word) => [word, "ms"] as const),
  ...words("us usec usecs micro micros microsecond microseconds").map((word) => [word, "us"] as const),
  ...words("ns nsec nsecs nano nanos nanosecond nanoseconds").map((word) => [word, "ns"] as const),
]);

/** How far down the list of the field's names the path's name stands, from 0; null where it is none of them. */
export function nameRank(field: EventField, path: Path): number | null {
  const parts = path.map(wordsOfKey);
  const ranks = [];
  for (let start = Math.max(0, parts.length - 3); start < parts.length; start += 1) {
    const all = parts.slice(start).flat();
    const name = all.join("");
    const bare = unitOf(path) === null ? name : all.slice(0, -1).join("");
    ranks.push(...[name, bare].map((each) => NAMES[field].indexOf(each)).filter((rank) => rank >= 0));
  }
  if (ranks.length > 0) return Math.min(...ranks);
  const part = PARTS[field].findIndex((word) => parts.flat().includes(word));
  return part < 0 ? null : PART_RANK + part;
}

/** The unit that ends the path's last name; null where none does, or where the name is nothing else. */
export function unitOf(path: Path): Unit | null {
  const parts = wordsOfKey(path.at(-1) ?? "");
  const last = parts.at(-1);
  return parts.length < 2 || last === undefined ? null : (UNIT_WORDS.get(last) ?? null);
}

/** `responseTimeMs`, `response_time_ms` and `response.time-ms` are response, time, ms. */
function wordsOfKey(key: string): string[] {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
