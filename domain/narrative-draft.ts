/** A narrative put together from its parts, and whether two say the same. */
import type { Evidence } from "./evidence.ts";
import type { Narrative, NarrativeSource, Story } from "./narrative.ts";
import type { NarrativeDraft } from "./narrator.ts";
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

/**
 * Whether a draft says what is held already, of the same version, from the same source and for the same reason. When it was written
 * does not count: a delivery that is repeated may have been put together anew.
 */
export function isSameNarrative(held: Narrative, draft: NarrativeDraft): boolean {
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
