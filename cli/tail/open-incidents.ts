/** Which of the incidents that somebody listens for are open now, and whether what they wait for has come. */
import { SEVERITIES, type Incident, type Severity } from "../../domain/incident.ts";
import type { DurableEvent, FleetSnapshot, ServiceSnapshot } from "../../domain/message.ts";
import { isMatch } from "../../domain/name-pattern.ts";

/** What ends a tail: that an incident is open, or that none is. */
export const EXIT_CONDITIONS = ["opened", "resolved"] as const;
export type ExitCondition = (typeof EXIT_CONDITIONS)[number];

/** Which incidents count. `services`: a name or a pattern. */
export interface Wanted {
  readonly services: string;
  readonly min_severity: Severity | null;
}

export function isWanted({ services, min_severity }: Wanted, service: string, severity: Severity): boolean {
  if (!isMatch(services, service)) return false;
  return min_severity === null || SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(min_severity);
}

/** What of a snapshot counts. */
export function incidentsOf(snapshot: ServiceSnapshot | FleetSnapshot, wanted: Wanted): readonly Incident[] {
  const all = "incidents" in snapshot ? snapshot.incidents : snapshot.incident === null ? [] : [snapshot.incident];
  return all.filter(({ status, service, severity }) => status === "open" && isWanted(wanted, service, severity));
}

export class OpenIncidents {
  /** Services by the ids of their incidents. */
  readonly #services = new Map<string, string>();
  #hasOpened = false;

  /** What is open according to a snapshot, instead of what was known. */
  replace(incidents: readonly Incident[]): void {
    this.#services.clear();
    for (const { id, service } of incidents) this.#services.set(id, service);
  }

  apply(event: DurableEvent): void {
    if (event.type === "narrative") return;
    const { id, service, status } = event.incident;
    if (status === "resolved") {
      this.#services.delete(id);
      return;
    }
    this.#services.set(id, service);
    this.#hasOpened = true;
  }

  /** A service that was deleted has no incident any more. */
  forget(service: string): void {
    for (const [id, of] of this.#services) if (of === service) this.#services.delete(id);
  }

  /** To be asked when what was missed has come: a snapshot alone does not say what happened before it. */
  meets(condition: ExitCondition): boolean {
    return condition === "opened" ? this.#hasOpened || this.#services.size > 0 : this.#services.size === 0;
  }
}
