import { describe, expect, test } from "vitest";
import { controlOf, formFields } from "./settings-form.ts";
import { FIELD_NAMES } from "./settings-edit.ts";

test("every field of the schema has a place in the form, with what it means", () => {
  const fields = formFields();
  expect(fields.map(({ name }) => name)).toEqual([...FIELD_NAMES]);
  for (const { about, title } of fields) expect(`${title} ${about}`).toMatch(/^\S.* \S.*\.$/);
});

test("the schema says by what each is set", () => {
  const kinds = Object.fromEntries(formFields().map(({ name, control }) => [name, control.kind]));
  expect(kinds).toEqual({
    sla_ms: "number",
    endpoints: "table",
    slo: "group",
    errors: "codes",
    detectors: "choices",
    sensitivity: "number",
    exclude: "group",
    disorder_s: "number",
    owner: "text",
    links: "group",
  });
  const controls = new Map(formFields().map(({ name, control }) => [name, control]));
  expect(controls.get("sla_ms")).toEqual({ kind: "number", nullable: true, min: 1, max: 3_600_000 });
  expect(controls.get("detectors")).toEqual({ kind: "choices", options: ["sequential", "reference"] });
  expect(controls.get("slo")).toMatchObject({ nullable: true, members: [{ name: "availability" }] });
  expect(controls.get("links")).toMatchObject({
    nullable: false,
    members: [
      { name: "runbook", control: { kind: "text", nullable: true } },
      { name: "traces", control: { kind: "text", nullable: true } },
    ],
  });
});

describe("a schema that no control is known for", () => {
  test.each([
    [{}],
    [{ type: "boolean" }],
    [{ anyOf: [{ type: "null" }, { type: "array", items: { type: "string" } }] }],
    [{ type: "object", additionalProperties: { type: "string" } }],
    [{ type: "object", properties: { a: { type: "object", properties: {} } } }],
  ])("is refused at once: %j", (schema) => {
    expect(() => controlOf(schema)).toThrow(/known|left empty/);
  });
});
