import { describe, expect, test } from "vitest";
import { messagesOf } from "./sample.ts";
import { parseTold, propose } from "./proposal.ts";

/** field -> [where from, how it is read] of what is proposed for messages like these. */
function proposedFor(messages: readonly Record<string, unknown>[], ...told: readonly string[]) {
  const lines = messages.map((message) => JSON.stringify(message)).join("\n");
  const { fields } = propose(messagesOf(Buffer.from(lines)), parseTold(told));
  return Object.fromEntries(
    fields.map(({ field, path, conversion, doubt }) => [
      field,
      [path?.join(".") ?? null, conversion.says, ...(doubt === null ? [] : ["doubtful"])],
    ]),
  );
}

describe("the time", () => {
  test.each([
    ["ts", "2026-11-24T10:00:00.123Z", "RFC 3339"],
    ["@timestamp", "2026-11-24T11:00:00+01:00", "RFC 3339"],
    ["timestamp", "2026-11-24 10:00:00,123", "a date and time; without an offset, UTC"],
    ["time", 1_795_514_400, "seconds since 1970"],
    ["time", 1_795_514_400.123, "seconds since 1970"],
    ["eventTime", 1_795_514_400_123, "milliseconds since 1970"],
    ["ts_us", 1_795_514_400_123_000, "microseconds since 1970"],
    ["startTimeUnixNano", "1795514400123000000", "nanoseconds since 1970"],
  ])("%s = %j is read as %s", (name, value, says) => {
    expect(proposedFor([{ [name]: value }])).toEqual({ event_time: [name, says] });
  });

  test("is not taken from what has its name but no time", () => {
    expect(proposedFor([{ time: 12, created_at: "2026-11-24T10:00:00Z" }])["event_time"]).toEqual([
      "created_at",
      "RFC 3339",
    ]);
  });
});

describe("the latency", () => {
  test.each([
    ["latency_ms", 153, ["milliseconds"]],
    ["durationMillis", 0.153, ["milliseconds"]],
    ["took_us", 153, ["microseconds, made milliseconds"]],
    ["elapsedNanos", 153, ["nanoseconds, made milliseconds"]],
    ["response_time_seconds", 12, ["seconds, made milliseconds"]],
    ["request_time", "0.153", ["seconds, made milliseconds", "doubtful"]],
    ["duration", 153.27, ["milliseconds", "doubtful"]],
    ["duration", 153, ["milliseconds", "doubtful"]],
    ["duration", 153_000, ["microseconds, made milliseconds", "doubtful"]],
    ["duration", 153_000_000, ["nanoseconds, made milliseconds", "doubtful"]],
    ["duration", "153.2ms", ["a duration with its unit"]],
    ["took.total_us", 5, ["microseconds, made milliseconds"]],
  ])("%s = %j is read as %j", (name, value, says) => {
    expect(proposedFor([{ [name]: value }])["latency_ms"]).toEqual([name, ...says]);
  });
});

describe("other fields", () => {
  test("are found nested, by the likeliest name, and by what the values can be", () => {
    const message = {
      kubernetes: { labels: { app: "Check Out" }, container_name: "c1" },
      http: { route: "/users/:id", url: "https://shop.example/users/7", response: { status_code: "200" } },
      status: "ok",
      peer: { service: "web" },
      build: { version: "1.4" },
    };
    expect(proposedFor([message])).toEqual({
      service: ["kubernetes.labels.app", "in lower case, with - for what a name may not hold"],
      endpoint: ["http.route", "as it is"],
      status_code: ["http.response.status_code", "a number, written as text"],
      caller: ["peer.service", "as it is"],
      version: ["build.version", "as it is"],
    });
  });

  test("a request line or a URL gives its path", () => {
    const says = "the path of a request line or URL";
    expect(proposedFor([{ request: "GET /a HTTP/1.1" }])["endpoint"]).toEqual(["request", says]);
    expect(proposedFor([{ url: "https://shop.example/a" }])["endpoint"]).toEqual(["url", says]);
  });

  test("one that may be left out is not taken where it would refuse events", () => {
    const messages = [{ caller: "web", version: "1" }, { caller: "", version: 2 }, { version: "" }];
    expect(proposedFor(messages)).toEqual({});
  });

  test("one that most messages lack is none of theirs", () => {
    expect(proposedFor([{ service: "a" }, {}, {}])).toEqual({});
  });
});

describe("what the user says", () => {
  test("goes before what would be guessed, with its unit, or as a text", () => {
    const message = { service: "x", other: { name: "y" }, duration: 5 };
    expect(proposedFor([message], "service=other.name", "latency_ms=duration:us")).toEqual({
      service: ["other.name", "as it is"],
      latency_ms: ["duration", "microseconds, made milliseconds"],
    });
    expect(proposedFor([message], 'service="shop"')["service"]).toEqual([null, 'always "shop"']);
  });

  test.each(["latency=took", "service", "service=", "=x"])("%j is refused", (option) => {
    expect(() => parseTold([option])).toThrow(/^--field must be FIELD=PATH/);
  });

  test("of a path that no message has is refused with it", () => {
    expect(() => proposedFor([{ a: 1 }], "service=b.c")).toThrow("no message has a field b.c");
    expect(() => proposedFor([{ a: 1 }], 'latency_ms="5"')).toThrow(/cannot be a text/);
  });
});

test("messages that are events already need no mapping", () => {
  const event = {
    event_time: "2026-11-24T10:00:00Z",
    service: "checkout",
    endpoint: "/pay",
    latency_ms: 12,
    status_code: 200,
  };
  expect(propose(messagesOf(Buffer.from(JSON.stringify([event, event, { service: 7 }]))), new Map())).toEqual({
    isEvent: true,
    fields: [],
    missing: [],
  });
});

test("a sample is one message a line, an array, or a single object over several lines", () => {
  const numbers = (text: string): number[] => messagesOf(Buffer.from(text)).map(({ number }) => number);
  expect(numbers('{"a":1}\n\n{"a":2}\r\nno JSON\n')).toEqual([1, 3, 4]);
  expect(numbers('[\n{"a":1},\n{"a":2}]')).toEqual([1, 2]);
  expect(numbers('{\n"a": 1\n}')).toEqual([1]);
  expect(numbers(" \n")).toEqual([]);
});
