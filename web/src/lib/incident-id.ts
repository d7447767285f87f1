/** What an incident's id tells: service-openingSecond-metric (domain/incident.ts). A service's name may have hyphens itself. */
import { METRIC_NAMES } from "../../../domain/incident.ts";

const ID = new RegExp(`^([a-z0-9][a-z0-9._-]{0,62})-\\d{1,12}-(?:${METRIC_NAMES.join("|")})$`);

/** The service whose incident it is; null where this is no id of an incident. */
export function serviceOfIncident(id: string): string | null {
  return ID.exec(id)?.[1] ?? null;
}

/** The address of an incident's page. */
export function incidentPath(id: string): string {
  return `/incidents/${encodeURIComponent(id)}`;
}
