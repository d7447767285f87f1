/**
 * Which changes of incidents are put into words, and the words that each gets at once: the template's, until the Narrator has better
 * ones. Events of a service must not stop at a mistake in what is only told of them: a change stays without words then, and the log
 * says why.
 */
import type { Evidence } from "../domain/evidence.ts";
import type { Incident } from "../domain/incident.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import { isNarrationDue } from "../domain/narration-due.ts";
import type { TemplateReason } from "../domain/narrative.ts";
import { narrativeDraft } from "../domain/narrative-draft.ts";
import { takeEvidence } from "../domain/take-evidence.ts";
import { templateStory } from "../domain/template-narrative.ts";
import type { FirstWords } from "./number-rows.ts";

export function evidenceOf(before: Incident | null, after: Incident, state: MonitorState): Evidence | null {
  return isNarrationDue(before, after) ? unlessBroken(after.id, () => takeEvidence(after, state)) : null;
}

/** `has_model`: whether the Narrator has a model to ask. */
export function firstWordsOf(has_model: boolean): FirstWords {
  return (evidence, now_ms) => {
    return unlessBroken(evidence.incident_id, () => {
      const reason = reasonOf(evidence, has_model);
      const source = { source: "template", reason, llm_model: null, latency_ms: null } as const;
      return narrativeDraft(evidence, templateStory(evidence), source, now_ms);
    });
  };
}

function unlessBroken<T>(incident_id: string, work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    console.error(`a change of ${incident_id} stays without words, which is a mistake of the code`, error);
    return null;
  }
}

function reasonOf({ subject }: Evidence, has_model: boolean): TemplateReason {
  if (subject.historical) return "historical";
  return has_model ? "waiting" : "no_model";
}
