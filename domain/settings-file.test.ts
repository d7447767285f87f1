import { describe, expect, test } from "vitest";
import { parseSettings, problemSentence, SETTINGS_BYTES_MAX } from "./settings-file.ts";

function problems(text: string): string[] {
  const parsed = parseSettings(text);
  return parsed.ok ? [] : parsed.problems.map(problemSentence);
}

const wrongDefaults: readonly (readonly [unknown, string])[] = [
  [
    { sla_ms: "300" },
    'defaults.sla_ms must be null (latency is not judged) or a number of milliseconds from 1 to 3600000, not "300"',
  ],
  [
    { sla_ms: 0.5 },
    "defaults.sla_ms must be null (latency is not judged) or a number of milliseconds from 1 to 3600000, not 0.5",
  ],
  [{ endpoints: { "/pay": { sla_ms: 0 } } }, 'defaults.endpoints["/pay"].sla_ms must be null'],
  [{ endpoints: { "/pay": 300 } }, 'defaults.endpoints["/pay"] must be an object with members among sla_ms, not 300'],
  [{ endpoints: { "": { sla_ms: 1 } } }, 'defaults.endpoints[""] must be the name of an endpoint'],
  [{ endpoints: [] }, "defaults.endpoints must be an object"],
  [
    { slo: {} },
    "defaults.slo.availability is missing; it must be the share of requests that must succeed, from 0.9 to 0.99999",
  ],
  [
    { endpoints: { "/pay": {} } },
    'defaults.endpoints["/pay"].sla_ms is missing; it must be null (latency is not judged) or a number of milliseconds',
  ],
  [
    { slo: { availability: 99.9 } },
    "defaults.slo.availability must be the share of requests that must succeed, from 0.9 to 0.99999, not 99.9",
  ],
  [
    { errors: ["6xx"] },
    'defaults.errors[0] must be a status class ("1xx" to "5xx"), a status code from 100 to 599 or a range of them ("520-530"), not "6xx"',
  ],
  [{ errors: [99] }, "defaults.errors[0] must be a status class"],
  [{ errors: [4.5] }, "defaults.errors[0] must be a status class"],
  [{ errors: ["400-"] }, "defaults.errors[0] must be a status class"],
  [{ errors: ["400-604"] }, "defaults.errors[0] must be a status class"],
  [{ errors: [404.5] }, "defaults.errors[0] must be a status class"],
  [{ detectors: [] }, "defaults.detectors must be a list with one or more of sequential, reference, not []"],
  [{ detectors: ["quick"] }, 'defaults.detectors[0] must be sequential or reference, not "quick"'],
  [{ sensitivity: 0 }, "defaults.sensitivity must be a number of false alarms a day, from 0.0001 to 10, not 0"],
  [{ exclude: { endpoints: "/health" } }, 'defaults.exclude.endpoints must be a list of endpoints, not "/health"'],
  [{ disorder_s: 31 }, "defaults.disorder_s must be a number of seconds from 0 to 30, not 31"],
  [{ owner: "" }, 'defaults.owner must be null or 1 to 200 characters, not ""'],
  [
    { links: { runbook: "javascript:alert(1)" } },
    'defaults.links.runbook must be null or a URL that begins with http:// or https://, not "javascript:alert(1)"',
  ],
  [
    { links: { traces: "https://t/{user}" } },
    "defaults.links.traces must be null or a URL that begins with http:// or https://, with none but {service}",
  ],
  [{ slam_ms: 1 }, "defaults.slam_ms is unknown: the members are sla_ms, endpoints, slo"],
];

describe("a settings file", () => {
  test.each(wrongDefaults)("given %j as defaults, names the path and what would be right", (defaults, sentence) => {
    const found = problems(JSON.stringify({ defaults }));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(sentence);
  });

  test("names everything that is wrong at once", () => {
    const text =
      '{"services_max":0,"defaults":{"owner":7},"services":[{"match":"a"},{"match":"A B","sla_ms":-1},{}],"x":1}';
    expect(problems(text).map((sentence) => sentence.split(" ")[0])).toEqual([
      "services_max",
      "defaults.owner",
      "services[1].match",
      "services[1].sla_ms",
      "services[2].match",
      "x",
    ]);
  });

  test.each(["", "{", "[]", "null", "3"])("refuses %j as a whole", (text) => {
    expect(problems(text)).toEqual([expect.stringMatching(/^the document must be/)]);
  });

  test("may name keys that reach a prototype nowhere", () => {
    for (const key of ["__proto__", "constructor", "prototype"]) {
      expect(problems(`{"defaults":{"endpoints":{"${key}":{"sla_ms":1}}}}`)).toHaveLength(1);
      expect(problems(`{"${key}":{}}`)).toHaveLength(1);
    }
  });

  test("may be 64 KB long, and not a byte more", () => {
    const padded = (bytes: number): string => `{}${" ".repeat(bytes - 2)}`;
    expect(problems(padded(SETTINGS_BYTES_MAX))).toEqual([]);
    expect(problems(padded(SETTINGS_BYTES_MAX + 1))).toEqual(["the document must have at most 65536 bytes, not 65537"]);
  });

  test("may begin with a byte order mark", () => {
    expect(problems("\uFEFF{}")).toEqual([]);
  });

  test("with every field set is read as it stands", () => {
    const defaults = {
      sla_ms: null,
      endpoints: { "/users/:id": { sla_ms: 90 }, "/stream": { sla_ms: null } },
      slo: { availability: 0.999 },
      errors: ["5xx", 429],
      detectors: ["sequential", "reference"],
      sensitivity: 0.1,
      exclude: { endpoints: ["/health"] },
      disorder_s: 5,
      owner: "Team Zoë",
      links: { runbook: "https://wiki.example/r", traces: "https://t.example/{service}?e={endpoint}&f={from}&t={to}" },
    };
    const document = {
      $schema: "./faultline.schema.json",
      services_max: 50,
      defaults,
      services: [{ match: "a-*", ...defaults }],
    };
    expect(parseSettings(JSON.stringify(document))).toEqual({ ok: true, document });
  });
});
