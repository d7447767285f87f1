import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveSettings, type SettingsDocument } from "../../../../domain/settings-document.ts";
import { parseSettings } from "../../../../domain/settings-file.ts";
import { inheritedBy, ownPatch, rebase, setValue, withDraft, type Draft } from "./settings-edit.ts";
import type { SettingsTarget } from "./settings-target.ts";

const checkout: SettingsTarget = { match: "checkout" };
const everybody: SettingsTarget = { match: null };

describe("the document with a target's fields changed", () => {
  test("gains an entry at the end for a service that had none, and keeps all else", () => {
    const document: SettingsDocument = { services_max: 10, services: [{ match: "search", sla_ms: 100 }] };
    expect(withDraft(document, checkout, { sla_ms: 700 })).toEqual({
      services_max: 10,
      services: [
        { match: "search", sla_ms: 100 },
        { match: "checkout", sla_ms: 700 },
      ],
    });
  });

  test("keeps the place of an entry, of a pattern always, of a service unless a later one would win over it", () => {
    const [pattern, own, other] = [{ match: "c*" }, { match: "checkout" }, { match: "search" }];
    const order = (services: { match: string }[], match: string) => {
      const document = withDraft({ services }, { match }, { owner: "x" }) as SettingsDocument;
      return document.services!.map((entry) => entry.match);
    };
    expect(order([own, other], "checkout")).toEqual(["checkout", "search"]);
    expect(order([own, pattern, other], "checkout")).toEqual(["c*", "search", "checkout"]);
    expect(order([pattern, own, other], "c*")).toEqual(["c*", "checkout", "search"]);
  });

  test("loses the entry whose last field went, and a part that is empty then", () => {
    expect(withDraft({ services: [{ match: "checkout", sla_ms: 1 }] }, checkout, {})).toEqual({});
    expect(withDraft({ defaults: { sla_ms: 1 }, services_max: 3 }, everybody, {})).toEqual({ services_max: 3 });
    expect(withDraft({}, everybody, { owner: null })).toEqual({ defaults: { owner: null } });
  });

  const match = fc.constantFrom("checkout", "search", "*", "c*", "*out", "s*");
  const patch = fc.record(
    {
      sla_ms: fc.constantFrom(null, 100, 700),
      owner: fc.constantFrom(null, "team a", "team b"),
      links: fc.record({ runbook: fc.constantFrom(null, "https://a.example/") }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );
  const document = fc.record(
    {
      defaults: patch,
      services: fc.array(
        fc.tuple(match, patch).map(([own, fields]) => ({ match: own, ...fields })),
        { maxLength: 6 },
      ),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<SettingsDocument>;

  test("whatever it was, then the service goes by what was set, by what was inherited else, and no other one's changes", () => {
    fc.assert(
      fc.property(document, patch, (before, draft) => {
        const after = withDraft(before, checkout, draft) as SettingsDocument;
        expect(parseSettings(JSON.stringify(after))).toMatchObject({ ok: true });
        expect(ownPatch(after, checkout)).toEqual(draft);
        const now = resolveSettings(after, "checkout");
        const { settings } = inheritedBy(before, checkout);
        expect(now).toEqual({ ...settings, ...draft, links: { ...settings.links, ...draft.links } });
        for (const other of ["search", "payments", "cart"]) {
          expect(resolveSettings(after, other)).toEqual(resolveSettings(before, other));
        }
      }),
    );
  });
});

describe("what is not set here", () => {
  test("comes from the last entry that has it, from all services', or from Faultline", () => {
    const document: SettingsDocument = {
      defaults: { owner: "ops", sla_ms: 900 },
      services: [
        { match: "c*", sla_ms: 250 },
        { match: "checkout", sla_ms: 1 },
      ],
    };
    const { settings, origins } = inheritedBy(document, checkout);
    expect([settings.sla_ms, origins.sla_ms]).toEqual([250, "c*"]);
    expect([settings.owner, origins.owner]).toEqual(["ops", "all services"]);
    expect([settings.disorder_s, origins.disorder_s]).toEqual([2, "Faultline"]);
    // The reference's own promise of checkout is no service's like it.
    expect(inheritedBy({}, checkout).settings.sla_ms).toBe(300);
    expect(inheritedBy({}, { match: "check*" }).settings.sla_ms).toBe(500);
  });

  test("one link that is set leaves the other as it is inherited", () => {
    const document: SettingsDocument = { defaults: { links: { runbook: "https://a.example/" } } };
    const draft: Draft = { links: { traces: null } };
    expect(setValue(draft, inheritedBy(document, checkout), "links")).toEqual({
      runbook: "https://a.example/",
      traces: null,
    });
  });
});

describe("a draft over a newer version", () => {
  test("takes over what was not touched, also that it is gone, and keeps its own", () => {
    const before: Draft = { sla_ms: 400, owner: "a", disorder_s: 3 };
    const { draft, conflicts } = rebase(before, { ...before, sla_ms: 700 }, { sla_ms: 400, owner: "b" });
    expect(draft).toEqual({ sla_ms: 700, owner: "b" });
    expect(conflicts).toEqual([]);
  });

  test("names what both changed, each differently", () => {
    const { draft, conflicts } = rebase({ sla_ms: 400 }, { owner: "me" }, { sla_ms: 500, owner: "me" });
    expect([draft, conflicts]).toEqual([{ owner: "me" }, ["sla_ms"]]);
  });
});
