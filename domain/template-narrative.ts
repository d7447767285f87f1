/** The narrative without a model: the same words for the same evidence, good enough to be woken by. */
import { causesOf } from "./cause-rules.ts";
import type { Evidence } from "./evidence.ts";
import { serviceName } from "./known-names.ts";
import type { Story } from "./narrative.ts";
import { actionsOf } from "./recommended-actions.ts";
import { signalsOf } from "./signals.ts";
import { contextStatement } from "./summary-context.ts";
import { whereStatement, wrongStatement } from "./summary-words.ts";

/**
 * The summary says what is wrong, how far from typical and since when (of a resolved incident also how it ended and how long it
 * lasted); where, and how many requests; what did not change and what happened near it. Each statement names its facts.
 */
export function templateStory(evidence: Evidence): Story {
  const signals = signalsOf(evidence);
  const causes = causesOf(evidence);
  const summary = [
    wrongStatement(signals, serviceName(evidence.service)),
    whereStatement(signals),
    contextStatement(signals),
  ];
  return {
    summary: summary.filter((statement) => statement !== null),
    possible_causes: causes,
    recommended_actions: actionsOf(evidence, signals, causes),
  };
}
