/** A narrative put together from its parts, and when one takes the place of another. */
import type { Evidence } from "./evidence.ts";
import type { Severity } from "./incident.ts";
import type { Narrative, NarrativeSource, Story } from "./narrative.ts";
import type { NarrativeDraft, NarrativeVerdict } from "./narrator.ts";
import { formatRfc3339 } from "./rfc3339.ts";

/** The story of this evidence, written at `written_ms` (the clock, ms). */
export function narrativeDraft(
  evidence: Evidence,
  story: Story,
  source: NarrativeSource,
  written_ms: number,
): NarrativeDraft {
  const { incident_id, service, version, subject, affected_metrics, facts } = evidence;
  const { summary, possible_causes, recommended_actions } = story;
  return {
    incident_id,
    service,
    version,
    window_start: subject.onset_at,
    window_end: subject.resolved_at ?? subject.updated_at,
    summary,
    possible_causes,
    recommended_actions,
    affected_metrics,
    evidence: facts,
    ...source,
    written_at: formatRfc3339(written_ms),
  };
}

/** The newest words of an incident as its object keeps them. */
export interface HeldNarrative {
  readonly narrative: Narrative;
  /** Of the incident at this version. */
  readonly severity: Severity;
  /** The object's own first words: the Narrator has not been heard on this version yet. */
  readonly is_first: boolean;
}

/**
 * What becomes of words that the Narrator brings: the verdict, and whether they take the place of what is held. A template never replaces what a model wrote of the same version, nor words of the Narrator later ones of its own:
 * those are of a call that was given up and came all the same.
 */
export function judgeDraft(
  held: HeldNarrative | null,
  draft: NarrativeDraft,
): { readonly verdict: NarrativeVerdict; readonly replaces: boolean } {
  if (held === null || draft.version > held.narrative.version) return { verdict: "unknown", replaces: false };
  const { narrative, is_first } = held;
  if (draft.version < narrative.version) return { verdict: "superseded", replaces: false };
  const isWorse = narrative.source === "llm" && draft.source === "template";
  const isLate = !is_first && Date.parse(draft.written_at) < Date.parse(narrative.written_at);
  return { verdict: "taken", replaces: !isWorse && !isLate && !isSameNarrative(narrative, draft) };
}

/**
 * Whether a draft says what is held already, from the same source and for the same reason. When it was written does not count: a
 * delivery that is repeated may have been put together anew.
 */
function isSameNarrative(held: Narrative, draft: NarrativeDraft): boolean {
  const { revision: _number, written_at: _written, ...words } = held;
  const { written_at: _then, ...others } = draft;
  return isSame(words, others);
}

/** Of plain data, whatever the order of its members. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [one, other] = [Object.entries(a), new Map(Object.entries(b))];
  return one.length === other.size && one.every(([name, value]) => other.has(name) && isSame(value, other.get(name)));
}
