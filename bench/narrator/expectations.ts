/** What a narrative of a known fault must say and must not: judged on any story, whoever wrote it. */
import * as v from "valibot";
import type { Evidence } from "../../domain/evidence.ts";
import { FACT_KINDS } from "../../domain/evidence.ts";
import { CAUSE_IDS, CERTAINTIES, type Statement, type Story } from "../../domain/narrative.ts";

const list = <T extends v.GenericSchema>(item: T) => v.optional(v.pipe(v.array(item), v.readonly()), []);

/** What was injected is known, so this says what is right, not what a template happens to say. */
export const expectationsSchema = v.strictObject({
  /** The summary must name each. */
  names: list(v.string()),
  /** The summary must rest on a fact of each kind. */
  rests_on: list(v.picklist(FACT_KINDS)),
  /** The first cause must be one of these, with one of these certainties. */
  first_cause: v.pipe(v.array(v.picklist(CAUSE_IDS)), v.minLength(1), v.readonly()),
  certainty: v.pipe(v.array(v.picklist(CERTAINTIES)), v.minLength(1), v.readonly()),
  /** Causes that must be offered, at whatever place. */
  also: list(v.picklist(CAUSE_IDS)),
  /** Causes that must not be offered; that must not be more than INCONCLUSIVE. */
  not_causes: list(v.picklist(CAUSE_IDS)),
  not_likely: list(v.picklist(CAUSE_IDS)),
  /** What no cause may name. */
  not_blamed: list(v.string()),
  /** No cause may be more than INCONCLUSIVE. */
  inconclusive: v.optional(v.boolean(), false),
});
export type Expectations = v.InferOutput<typeof expectationsSchema>;
export type ExpectationsInput = v.InferInput<typeof expectationsSchema>;

/** A long name may be shortened, not so far that it could be another. */
const NAME_LENGTH_MIN = 40;

/** What the story fails to meet, in words; empty where it meets all. */
export function unmet(story: Story, evidence: Evidence, expected: Expectations): readonly string[] {
  const { summary, possible_causes } = story;
  const [first] = possible_causes;
  const certaintyOf = (cause: string): string | undefined =>
    possible_causes.find((own) => own.cause === cause)?.certainty;
  const isLikely = (cause: string): boolean => (certaintyOf(cause) ?? "INCONCLUSIVE") !== "INCONCLUSIVE";
  const kinds = new Set(summary.flatMap(({ facts }) => facts.map((id) => kindOf(id, evidence))));
  return [
    ...expected.names.filter((name) => !says(summary, name)).map((name) => `the summary does not name ${name}`),
    ...expected.rests_on
      .filter((kind) => !kinds.has(kind))
      .map((kind) => `the summary rests on no fact of kind ${kind}`),
    ...(first !== undefined && expected.first_cause.includes(first.cause)
      ? []
      : [`the first cause is ${first?.cause ?? "none"}, not ${expected.first_cause.join(" or ")}`]),
    ...(first !== undefined && expected.certainty.includes(first.certainty)
      ? []
      : [`the first cause is ${first?.certainty ?? "none"}, not ${expected.certainty.join(" or ")}`]),
    ...expected.also.filter((cause) => certaintyOf(cause) === undefined).map((cause) => `${cause} is not offered`),
    ...expected.not_causes.filter((cause) => certaintyOf(cause) !== undefined).map((cause) => `${cause} is offered`),
    ...expected.not_likely.filter(isLikely).map((cause) => `${cause} is ${certaintyOf(cause)}`),
    ...expected.not_blamed.filter((name) => says(possible_causes, name)).map((name) => `a cause names ${name}`),
    ...(expected.inconclusive && possible_causes.some(({ cause }) => isLikely(cause))
      ? ["a cause is more than INCONCLUSIVE"]
      : []),
  ];
}

function kindOf(id: string, { facts }: Evidence): string | undefined {
  return facts.find((fact) => fact.id === id)?.kind;
}

function says(statements: readonly Statement[], name: string): boolean {
  const least = Array.from(name).slice(0, NAME_LENGTH_MIN).join("");
  return statements.some(({ text }) => text.includes(least));
}
