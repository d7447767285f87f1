/** What to do about an incident: the service's own links first, then where to look for each of its likeliest causes. */
import type { Evidence } from "./evidence.ts";
import { duration, quoted } from "./fact-words.ts";
import { serviceName } from "./known-names.ts";
import type { Action, Cause, CauseId } from "./narrative.ts";
import type { Signals } from "./signals.ts";
import { spanOf } from "./summary-words.ts";

const ACTIONS_MAX = 4;
const CAUSES_MAX = 2;

/** What the words of an action may name. */
interface Place {
  /** As sentences name it. */
  readonly service: string;
  /** The endpoint in quotation marks, or the service. */
  readonly where: string;
  /** `since 10:02:11 UTC`, with a space before it; empty where the onset is not known. */
  readonly when: string;
  readonly signals: Signals;
}

const WORDS: Readonly<Record<CauseId, (place: Place) => string>> = {
  scheduled_work: ({ service, when }) => `Look for jobs of ${service} and of what it uses that ran${when}.`,
  process_or_routing: ({ service, when, signals }) => {
    const missing = signals.first("down") === null ? "requests are missing" : "nothing was heard";
    return `Check whether the processes of ${service} run and report, and whether requests are routed to them: ${missing}${when}.`;
  },
  release: releaseWords,
  other_service: ({ service, signals }) => {
    const [nearest] = signals.earlier;
    const lead = nearest === undefined ? "" : ` ${duration(nearest.lead_s)} before that of ${service}`;
    return `Look at ${nearest === undefined ? "the other service" : serviceName(nearest.service)} first: its incident began${lead}.`;
  },
  client_requests: ({ where, when }) => `Find out which clients send the refused requests to ${where}${when}.`,
  saturation: ({ service, when }) =>
    `Compare the load of ${service}${when} with its limits (processor, memory, pools, queues); add capacity or shed load.`,
  endpoint_dependency: ({ where, when }) =>
    `Check what ${where} alone calls or locks (databases, queues, other services) for failures and delays${when}.`,
  shared_dependency: ({ service, when }) =>
    `Check what all endpoints of ${service} share (database, cache, network, hosts) for failures and delays${when}.`,
  callers: ({ service, when }) => `Ask who calls ${service}, and look at what lies before it, for a change${when}.`,
  unknown: ({ service, when }) => `Read the logs of ${service}${when}.`,
};

function releaseWords({ where, when, signals }: Place): string {
  const to = signals.deploy?.fact.names[0];
  const version = to === undefined ? "the new version" : `version ${quoted(to)}`;
  return signals.isOver
    ? `Read what ${version} changed in ${where} before it is deployed again.`
    : `Read what ${version} changed in ${where}; roll it back if that explains what happens${when}.`;
}

/** Two to four. */
export function actionsOf(evidence: Evidence, signals: Signals, causes: readonly Cause[]): readonly Action[] {
  const { links } = evidence;
  const service = serviceName(evidence.service);
  const span = spanOf(signals);
  const when = span.text === "" ? "" : ` ${span.text}`;
  const endpoint = signals.first("endpoint");
  const where = endpoint?.names[0] === undefined ? service : quoted(endpoint.names[0]);
  const ids = [...span.facts, ...(endpoint === null ? [] : [endpoint])].map(({ id }) => id);
  const place = { service, where, when, signals };
  const first: Action[] = [];
  if (links.runbook !== null) first.push({ text: `Follow the runbook of ${service}.`, facts: ids, url: links.runbook });
  if (links.traces !== null)
    first.push({ text: `Look at the traces of ${where}${when}.`, facts: ids, url: links.traces });
  const told = causes.slice(0, CAUSES_MAX).map(({ cause, facts }): Action => ({
    text: WORDS[cause](place),
    facts: [...new Set([...facts, ...ids])],
    url: null,
  }));
  const parts = where === service ? "" : ` for ${where}`;
  const logs: Action = { text: `Read the logs of ${service}${parts}${when}.`, facts: ids, url: null };
  const all = [...first, ...told];
  return (all.length < 2 ? [...all, logs] : all).slice(0, ACTIONS_MAX);
}
