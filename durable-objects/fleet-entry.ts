/** How a service's entry follows from what the service says: pure steps, stored by the caller before they count. */
import type { FleetReport, ServiceIncidentEvent } from "../domain/fleet.ts";
import type { Incident } from "../domain/incident.ts";
import type { MinutePoint } from "../domain/message.ts";
import type { FleetEntry } from "./fleet-sql.ts";

/** Closed minutes kept for a service. */
const MINUTES_MAX = 60;

/** The entry after a report; its newest one wins, since a service reports in order. */
export function afterReport(entry: FleetEntry, { closed_minute, ...live }: FleetReport, now_ms: number): FleetEntry {
  const minutes = closed_minute === undefined ? entry.minutes : withMinute(entry.minutes, closed_minute);
  // Reports ride on the answers of different Workers and may overtake each other: an older one sets nothing back.
  const isOlder = entry.heard_ms !== null && live.at < entry.live.at;
  return { ...entry, heard_ms: now_ms, live: isOlder ? entry.live : live, minutes };
}

/** The minutes of the hour that ends with the newest one; a minute that is reported again replaces what was held of it. */
function withMinute(minutes: readonly MinutePoint[], closed: MinutePoint): readonly MinutePoint[] {
  const all = [...minutes.filter((minute) => minute.at !== closed.at), closed].toSorted((a, b) => a.at - b.at);
  const newest = all.at(-1)?.at ?? closed.at;
  return all.filter((minute) => minute.at > newest - MINUTES_MAX * 60);
}

/** The entry after an incident event. An event that comes late (a retry) changes nothing that a newer one has said. */
export function afterIncident(entry: FleetEntry, { incident }: ServiceIncidentEvent): FleetEntry {
  const held = entry.incident;
  if (held !== null && !isNewer(incident, held)) return entry;
  if (incident.status === "open") {
    return { ...entry, incident, live: { ...entry.live, status: incident.severity, incident_id: incident.id } };
  }
  if (held !== null && held.id !== incident.id) return entry;
  // The service may have opened another one meanwhile and reported it already: its event is on the way.
  const isOther = entry.live.incident_id !== null && entry.live.incident_id !== incident.id;
  return {
    ...entry,
    incident: null,
    live: isOther ? entry.live : { ...entry.live, status: "healthy", incident_id: null },
  };
}

function isNewer(incident: Incident, held: Incident): boolean {
  if (incident.id === held.id) return incident.revision > held.revision;
  return Date.parse(incident.opened_at) >= Date.parse(held.opened_at);
}
