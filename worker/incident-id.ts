/** What an incident's id says: it begins with its service (domain/incident.ts). */
import { SERVICE_NAME } from "../domain/event.ts";

const INCIDENT_ID = /^(.+)-\d{1,12}-[a-z0-9_]{1,40}$/;

/** Null where it is no id of an incident. */
export function serviceOfIncident(incident_id: string): string | null {
  const service = INCIDENT_ID.exec(incident_id)?.[1];
  return service !== undefined && SERVICE_NAME.test(service) ? service : null;
}
