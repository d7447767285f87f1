/** When other services' incidents began, as a rule through the charts: before or after, one sees it there. */
import { formatClock } from "../format/time.ts";
import { shortName } from "../incident-facts.ts";
import type { Fact } from "../../../../domain/evidence.ts";
import type { Severity } from "../../../../domain/incident.ts";
import type { Rule } from "../chart/rules.ts";

/**
 * Of the facts that name another service's onset.
 * @param severity of their incidents, where that is known and they go on
 */
export function neighbourRules(facts: readonly Fact[], severity: Severity | null = null): Rule[] {
  return facts.flatMap((fact): Rule[] => {
    const at = neighbourOnset(fact);
    const service = fact.names[0];
    if (at === null || service === undefined) return [];
    return [{ key: fact.id, at, kind: "neighbour", severity, text: `${shortName(service)} ${formatClock(at * 1000)}` }];
  });
}

/** Epoch seconds; null where the fact is of something else. */
export function neighbourOnset({ kind, values }: Fact): number | null {
  return kind === "neighbour" ? (values.find(({ unit }) => unit === "at")?.value ?? null) : null;
}
