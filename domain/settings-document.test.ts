import { describe, expect, test } from "vitest";
import { type SettingsDocument, resolveSettings } from "./settings-document.ts";
import { defaultSettings } from "./settings.ts";

describe("what holds for a service", () => {
  test("is the default where a document says nothing", () => {
    expect(resolveSettings({}, "checkout")).toEqual(defaultSettings("checkout"));
    expect(defaultSettings("checkout")).toMatchObject({ sla_ms: 300, errors: ["5xx"], detectors: ["sequential"] });
    expect(defaultSettings("anything")).toMatchObject({ sla_ms: 500, slo: null, sensitivity: 0.01, disorder_s: 2 });
  });

  test("is, field by field, what the last matching entry says", () => {
    const document: SettingsDocument = {
      defaults: { sla_ms: 200, owner: "platform" },
      services: [
        { match: "checkout-*", sla_ms: 800, errors: ["5xx", 429], endpoints: { "/a": { sla_ms: 1 } } },
        { match: "*-eu", sla_ms: null, endpoints: { "/b": { sla_ms: 2 } } },
        { match: "checkout-us", owner: "us" },
      ],
    };
    expect(resolveSettings(document, "checkout-eu")).toEqual({
      ...defaultSettings("checkout-eu"),
      sla_ms: null,
      owner: "platform",
      errors: ["5xx", 429],
      endpoints: { "/b": { sla_ms: 2 } },
    });
    expect(resolveSettings(document, "checkout-us")).toMatchObject({ sla_ms: 800, owner: "us" });
    expect(resolveSettings(document, "checkout")).toMatchObject({ sla_ms: 200, owner: "platform", errors: ["5xx"] });
  });

  test("takes null and 0 for values: an entry can take back what the defaults say", () => {
    const document: SettingsDocument = {
      defaults: { slo: { availability: 0.999 }, owner: "platform", disorder_s: 10 },
      services: [{ match: "batch", slo: null, owner: null, disorder_s: 0 }],
    };
    expect(resolveSettings(document, "batch")).toMatchObject({ slo: null, owner: null, disorder_s: 0 });
  });

  test("takes links one by one, so that the defaults' template of traces stays beside a service's own runbook", () => {
    const document: SettingsDocument = {
      defaults: { links: { traces: "https://traces.example/{service}" } },
      services: [{ match: "*", links: { runbook: "https://wiki.example/x" } }],
    };
    expect(resolveSettings(document, "a").links).toEqual({
      runbook: "https://wiki.example/x",
      traces: "https://traces.example/{service}",
    });
  });

  test("reads the same, letter by letter, whatever the order in a document", () => {
    const one: SettingsDocument = {
      defaults: { owner: "a", sla_ms: 7, links: { traces: "https://x", runbook: null } },
    };
    const other: SettingsDocument = {
      defaults: { links: { runbook: null, traces: "https://x" }, sla_ms: 7, owner: "a" },
    };
    expect(JSON.stringify(resolveSettings(one, "a"))).toBe(JSON.stringify(resolveSettings(other, "a")));
  });
});
