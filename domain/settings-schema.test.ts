/** The JSON schema file says what the parser does: it is made from the same schema, and both judge the same documents alike. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isAccepted } from "../tests/json-schema-judge.ts";
import { parseConfigBySchema } from "./config-file.ts";
import { parseSettings } from "./settings-file.ts";
import { settingsJsonSchema } from "./settings-schema.ts";

const FILE = join(import.meta.dirname, "..", "faultline.schema.json");

test("the file is what `faultline validate --schema` prints", () => {
  expect(JSON.parse(readFileSync(FILE, "utf8"))).toEqual(settingsJsonSchema());
});

test("the example of the introduction is right", () => {
  const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
  const [, example = ""] = /```json\n(\{\n {2}"\$schema".*?)```/s.exec(readme) ?? [];
  expect(parseConfigBySchema(example)).toMatchObject({ ok: true });
});

const junk = fc.oneof(fc.constantFrom(null, true, -1, 0, "", "x", [], {}), fc.integer(), fc.string({ maxLength: 5 }));
const or = <T>(right: fc.Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: junk });
const near = (...numbers: readonly number[]) => fc.constantFrom(...numbers);

const sla = or(fc.oneof(fc.constant(null), near(0.9, 1, 300, 3_600_000, 3_600_001)));
const link = or(
  fc.constantFrom(null, "https://a.b/c", "http://x", "ftp://x", "https://a b", "https://t/{service}", "https://t/{x}"),
);
const name = fc.constantFrom(
  "/pay",
  "/users/:id",
  "a b",
  "",
  "\u0007",
  "x".repeat(200),
  "x".repeat(201),
  "ü".repeat(200),
);
const fields = {
  sla_ms: sla,
  endpoints: or(
    fc.dictionary(name, or(fc.record({ sla_ms: sla, x: fc.constant(1) }, { requiredKeys: [] })), { maxKeys: 3 }),
  ),
  slo: or(fc.record({ availability: or(near(0.8, 0.9, 0.999, 0.99999, 1)) }, { requiredKeys: [] })),
  errors: or(
    fc.array(
      or(
        fc.oneof(
          fc.constantFrom("5xx", "4xx", "6xx", "400-404", "599-500", "400-600", "4-5"),
          near(99, 100, 404, 404.5, 599, 600),
        ),
      ),
      { maxLength: 4 },
    ),
  ),
  detectors: or(fc.array(or(fc.constantFrom("sequential", "reference")), { maxLength: 3 })),
  sensitivity: or(near(0, 0.0001, 0.01, 10, 11)),
  exclude: or(fc.record({ endpoints: or(fc.array(or(name), { maxLength: 2 })) }, { requiredKeys: [] })),
  disorder_s: or(near(-1, 0, 2.5, 30, 31)),
  owner: or(fc.oneof(fc.constant(null), name)),
  links: or(fc.record({ runbook: link, traces: link }, { requiredKeys: [] })),
};
const patch = fc.record(fields, { requiredKeys: [] });
const match = or(fc.constantFrom("checkout", "checkout-*", "*", "", "A", "x".repeat(101)));
const entry = fc.tuple(fc.record({ match }, { requiredKeys: [] }), patch).map(([named, set]) => ({ ...named, ...set }));
const documents = or(
  fc.record(
    {
      $schema: or(fc.string()),
      services_max: or(near(0, 1, 1.5, 100_000, 100_001)),
      defaults: or(patch),
      services: or(fc.array(or(entry), { maxLength: 2 })),
      unknown: fc.constant(1),
    },
    { requiredKeys: [] },
  ),
);
/** One field at a time is more often right, so that both verdicts are met. */
const simple = fc
  .constantFrom(...Object.keys(fields))
  .chain((field) => fc.record({ defaults: fc.record({ [field]: fields[field as keyof typeof fields] }) }));

test("a document is right for editors exactly when it is right for Faultline", () => {
  const schema = settingsJsonSchema();
  const verdicts = { right: 0, wrong: 0 };
  fc.assert(
    fc.property(fc.oneof(documents, simple), (document) => {
      const { ok } = parseSettings(JSON.stringify(document));
      verdicts[ok ? "right" : "wrong"] += 1;
      expect(isAccepted(schema, document)).toBe(ok);
    }),
    { numRuns: 3_000 },
  );
  expect(Math.min(verdicts.right, verdicts.wrong)).toBeGreaterThan(300);
});
