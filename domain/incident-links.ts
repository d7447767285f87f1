/** Where the people of a service look first, as they have set it, with an incident filled in. */
import type { Evidence } from "./evidence.ts";
import type { Incident } from "./incident.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import type { ServiceSettings } from "./settings.ts";

/** What lies shortly before the onset shows what changed. */
const BEFORE_MS = 300_000;

/**
 * `{from}` is five minutes before the onset, `{to}` when the incident last changed, as RFC 3339; `{endpoint}` is empty where none
 * stands out. What is filled in is encoded: an endpoint's name is text of events, and must not lead elsewhere.
 */
export function incidentLinks(incident: Incident, links: ServiceSettings["links"]): Evidence["links"] {
  const filled: Readonly<Record<string, string>> = {
    service: incident.service,
    endpoint: incident.endpoint ?? "",
    from: formatRfc3339(Date.parse(incident.onset_at) - BEFORE_MS),
    to: incident.updated_at,
  };
  const { runbook, traces } = links;
  const url = traces?.replaceAll(/\{(service|endpoint|from|to)\}/g, (_, name: string) =>
    encodeURIComponent(filled[name]!),
  );
  return { runbook, traces: url ?? null };
}
