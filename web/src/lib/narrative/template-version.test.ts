import { expect, test } from "vitest";
import { aNarrative } from "../testing/narrative.ts";
import { templateVersion } from "./template-version.ts";
import type { DurableEvent } from "../../../../domain/message.ts";
import type { Narrative } from "../../../../domain/narrative.ts";

const LLM = { source: "llm", reason: null, llm_model: "tiny:1b", latency_ms: 3000 } as const;
const WRITING = { source: "template", reason: "writing", llm_model: "tiny:1b", latency_ms: null } as const;
const told = (narrative: Narrative): DurableEvent => ({
  type: "narrative",
  seq: narrative.revision,
  severity: "critical",
  narrative,
});

const model = aNarrative({ version: 2, revision: 4 }, LLM);
const events = [
  aNarrative({ version: 1, revision: 1 }, WRITING),
  aNarrative({ version: 2, revision: 2 }, WRITING),
  aNarrative({ version: 2, revision: 3 }, WRITING),
  model,
].map(told);

test("the template's words on what the model wrote of are the newest of the same version", () => {
  expect(templateVersion(model, events)?.revision).toBe(3);
});

test("there are none beside the template's own, beside those of another version, and where no event is held", () => {
  expect(templateVersion(aNarrative({ version: 2, revision: 3 }, WRITING), events)).toBeNull();
  expect(templateVersion(aNarrative({ version: 3, revision: 5 }, LLM), events)).toBeNull();
  expect(templateVersion(aNarrative({ version: 2, revision: 4, incident_id: "other" }, LLM), events)).toBeNull();
  expect(templateVersion(model, [])).toBeNull();
  expect(templateVersion(null, events)).toBeNull();
});
