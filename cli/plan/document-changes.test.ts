import { describe, expect, test } from "vitest";
import { documentChanges } from "./document-changes.ts";

describe("where two documents differ", () => {
  test.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
    [{ defaults: { sla_ms: 500 } }, { defaults: { sla_ms: 300 } }, [["defaults.sla_ms", 500, 300]]],
    [{}, { services: [] }, [["services", undefined, []]]],
    [{ a: { b: null } }, { a: {} }, [["a.b", null, undefined]]],
    [
      { s: [{ m: 1 }, { m: 2 }] },
      { s: [{ m: 1 }, { m: 3 }, { m: 4 }] },
      [
        ["s[1].m", 2, 3],
        ["s[2]", undefined, { m: 4 }],
      ],
    ],
    [{ e: { "/pay": 1 } }, { e: { "/pay": 2 } }, [['e["/pay"]', 1, 2]]],
    [{ a: [1] }, { a: { 0: 1 } }, [["a", [1], { 0: 1 }]]],
  ])("%j and %j", (before, after, expected) => {
    const told = documentChanges(before, after).map((change) => [change.path, change.before, change.after]);
    expect(told).toEqual(expected);
  });
});
