/** The template's words on an incident beside the model's: both are written of the same evidence, and a reader may want to compare. */
import type { DurableEvent } from "../../../../domain/message.ts";
import type { Narrative } from "../../../../domain/narrative.ts";

/** How a reader goes from one to the other. */
export interface WordsChoice {
  /** The template's words are shown. */
  readonly template: boolean;
  /** Who wrote the others. A name that the operator gave: render it as text. */
  readonly model: string;
  readonly choose: (template: boolean) => void;
}

/**
 * The template's words of the version that a model has written of; null where these are the template's, or the template's are not
 * held any more: history keeps one narrative a version, and only the events of the last 24 h have what it was before.
 */
export function templateVersion(narrative: Narrative | null, events: readonly DurableEvent[]): Narrative | null {
  if (narrative?.source !== "llm") return null;
  const told = events.flatMap((event) => (event.type === "narrative" ? [event.narrative] : []));
  const same = told.filter(
    ({ source, version, incident_id }) =>
      source === "template" && version === narrative.version && incident_id === narrative.incident_id,
  );
  return same.toSorted((a, b) => b.revision - a.revision)[0] ?? null;
}
