/** The form of the model's answer: as a schema that its server holds it to, and as one that the check does. */
import * as v from "valibot";
import { causesOf } from "./cause-rules.ts";
import type { Evidence } from "./evidence.ts";
import { CAUSE_IDS, type Cause, CERTAINTIES, type Certainty } from "./narrative.ts";

/** Characters of an answer; a story at all of its bounds takes some 4,000. */
export const ANSWER_LENGTH_MAX = 12_000;
const TEXT_LENGTH_MIN = 12;
/** Characters; two sentences. Names longer than this appear shortened (known-names.ts). */
export const TEXT_LENGTH_MAX = 320;
export const SUMMARY_MAX = 3;
export const ACTIONS_MAX = 3;
const FACTS_MAX = 6;

const Text = v.pipe(
  v.string("must be a text"),
  v.minLength(TEXT_LENGTH_MIN, `must be a sentence of ${TEXT_LENGTH_MIN} characters or more`),
  v.maxLength(TEXT_LENGTH_MAX, ({ received }) => `has ${received} characters; at most ${TEXT_LENGTH_MAX} are right`),
);
const FactIds = v.pipe(
  v.array(v.string("must be a fact's id"), "must be a list of fact ids"),
  v.minLength(1, "must name the fact that it rests on"),
  v.maxLength(FACTS_MAX, `must name at most ${FACTS_MAX} facts`),
);
const object = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.strictObject(entries, ({ expected, received }) =>
    expected === "never"
      ? "is no part of the form; leave it out"
      : received === "undefined"
        ? "is missing"
        : `must be an object of ${Object.keys(entries).join(", ")}`,
  );
const list = <const Item extends v.GenericSchema>(item: Item, most: number) =>
  v.pipe(
    v.array(item, "must be a list"),
    v.minLength(1, "must not be empty"),
    v.maxLength(most, `must have at most ${most} entries`),
  );

const StatementForm = object({ text: Text, facts: FactIds });
const CauseForm = object({
  cause: v.picklist(CAUSE_IDS, "must be one of the offered causes"),
  certainty: v.picklist(CERTAINTIES, `must be one of ${CERTAINTIES.join(", ")}`),
  text: Text,
  facts: FactIds,
});

export const AnswerForm = object({
  summary: list(StatementForm, SUMMARY_MAX),
  possible_causes: list(CauseForm, CAUSE_IDS.length),
  recommended_actions: list(StatementForm, ACTIONS_MAX),
});
export type Answer = v.InferOutput<typeof AnswerForm>;

/** CONFIRMED is 0: the less, the more certain. */
export function rankOf(certainty: Certainty): number {
  return CERTAINTIES.indexOf(certainty);
}

/**
 * The JSON schema of an answer for this evidence: ids of its facts, the causes that the rules offer and no certainty above theirs. It
 * makes right answers likelier; what it cannot say, and a server that does not heed it, is left to the check.
 */
export function storySchema(evidence: Evidence): object {
  const text = { type: "string", minLength: TEXT_LENGTH_MIN, maxLength: TEXT_LENGTH_MAX };
  const ids = evidence.facts.map(({ id }) => id);
  const facts = { type: "array", items: { type: "string", enum: ids }, minItems: 1, maxItems: FACTS_MAX };
  const statement = closed({ text, facts });
  const causes = causesOf(evidence);
  return closed({
    summary: { type: "array", items: statement, minItems: 1, maxItems: SUMMARY_MAX },
    possible_causes: {
      type: "array",
      items: { anyOf: causes.map((cause) => causeSchema(cause, text, facts)) },
      minItems: 1,
      maxItems: causes.length,
    },
    recommended_actions: { type: "array", items: statement, minItems: 1, maxItems: ACTIONS_MAX },
  });
}

function causeSchema({ cause, certainty }: Cause, text: object, facts: object): object {
  const allowed = CERTAINTIES.filter((other) => rankOf(other) >= rankOf(certainty));
  return closed({
    cause: { type: "string", enum: [cause] },
    certainty: { type: "string", enum: allowed },
    text,
    facts,
  });
}

function closed(properties: Readonly<Record<string, object>>): object {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
