/** Moments beside the onsets that are worth a rule through all charts: when a version was deployed, when an incident ended, when another service's began. */
import { formatClock } from "../format/time.ts";
import { shortName } from "../incident-facts.ts";
import type { Incident, Severity } from "../../../../domain/incident.ts";

export interface Rule {
  readonly key: string;
  /** Epoch seconds. */
  readonly at: number;
  readonly kind: "release" | "resolved" | "neighbour";
  /** Of what began at it, where that is known and goes on. */
  readonly severity?: Severity | null;
  /** Its name in the lane above the charts. A version or a service in it is data. */
  readonly text: string;
}

/** Those within the axis, oldest first: releases only where an incident followed them, since no other is told. */
export function incidentRules(incidents: readonly Incident[], from: number, until: number): Rule[] {
  const rules = new Map<string, Rule>();
  for (const { id, deployed_at, deployed_version, resolved_at } of incidents) {
    if (deployed_at !== null && deployed_version !== null) {
      // Two incidents may follow one release.
      const key = `release ${deployed_at}`;
      rules.set(key, {
        key,
        at: seconds(deployed_at),
        kind: "release",
        text: `release ${shortName(deployed_version)}`,
      });
    }
    if (resolved_at !== null) {
      const text = `resolved ${formatClock(Date.parse(resolved_at))}`;
      rules.set(`resolved ${id}`, { key: `resolved ${id}`, at: seconds(resolved_at), kind: "resolved", text });
    }
  }
  return [...rules.values()].filter((rule) => rule.at > from && rule.at < until).toSorted((a, b) => a.at - b.at);
}

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}
