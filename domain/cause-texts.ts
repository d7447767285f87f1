/** What the template says of each cause: that it may be so, except of what is CONFIRMED. What only came before or beside the fault is told as that. */
import { duration, listed, percent, quoted } from "./fact-words.ts";
import { serviceName } from "./known-names.ts";
import type { CauseId } from "./narrative.ts";
import { type Signals, valueOf } from "./signals.ts";

/** `service`: as sentences name it (known-names.ts). */
type Words = (signals: Signals, service: string) => string;

/** What the endpoint's requests suffer from. */
function suffering({ first, isOver }: Signals): string {
  if (first("errors") !== null || first("budget") !== null) return isOver ? "may have failed" : "may be failing";
  return isOver ? "may have been slow" : "may be slow";
}

function aloneCarries({ lone, isOver }: Signals): string {
  const share = lone === null ? null : valueOf(lone, "share");
  const who = quoted(lone?.names[0] ?? "");
  return share === null ? who : `${who} ${isOver ? "carried" : "carries"} ${percent(share)} of the excess`;
}

function release({ deploy, isMended, first }: Signals): string {
  const [to, from] = deploy?.fact.names ?? [];
  const version = to === undefined ? "A new version" : `Version ${quoted(to)}`;
  const replaced = from === undefined ? "" : `, in place of version ${quoted(from)}`;
  const when =
    deploy === null || deploy.before_s === 0 ? "as it began" : `${duration(deploy.before_s)} before it began`;
  const [newer] = first("resolved")?.names ?? [];
  const mended = isMended && newer !== undefined ? `, and it ended after version ${quoted(newer)}` : "";
  return `${version} came ${when}${replaced}${mended}: the release may have brought it, which the order alone does not prove.`;
}

function otherService({ earlier }: Signals, service: string): string {
  const [nearest] = earlier;
  if (nearest === undefined) return `Another service that ${service} depends on.`;
  const when = duration(nearest.lead_s);
  return `An incident of ${serviceName(nearest.service)} began ${when} earlier: ${service} may depend on it, which the order alone does not prove.`;
}

function shared(signals: Signals, service: string): string {
  const { together, isOver } = signals;
  const others = [...new Set(together.map((neighbour) => serviceName(neighbour.service)))];
  if (others.length > 0)
    return `${listed([...others, service])} ${isOver ? "became" : "have become"} unhealthy at the same time: something that they share ${maybe(isOver)} at fault.`;
  const spread = isOver ? "No endpoint stood out" : "No endpoint stands out";
  const load = signals.steady_traffic === null ? "" : ` and traffic ${isOver ? "was" : "is"} as usual`;
  return `${spread}${load}: something that all of them share ${maybe(isOver)} at fault, such as a database, a cache, the network or the process itself.`;
}

function maybe(isOver: boolean): string {
  return isOver ? "may have been" : "may be";
}

function processOrRouting({ first, isOver }: Signals, service: string): string {
  if (first("down") === null)
    return `A part of ${service}'s processes may be gone or cut off, so that their requests are missing.`;
  if (first("pipeline") === null)
    return isOver
      ? `No request of ${service} was heard: it may have stopped or not reported, nothing may have reached it, or what brings its events may have failed.`
      : `No request of ${service} is heard: it may have stopped or not report, nothing may reach it, or what brings its events may fail.`;
  return isOver
    ? `No request of ${service} was heard although the pipeline was whole: it had stopped, did not report, or nothing reached it.`
    : `No request of ${service} is heard although the pipeline is whole: it has stopped, does not report, or nothing reaches it.`;
}

export const CAUSE_TEXTS: Readonly<Record<CauseId, Words>> = {
  endpoint_dependency: (signals) =>
    `${aloneCarries(signals)}: something that it alone depends on, or its own code, ${suffering(signals)}.`,
  release,
  saturation: ({ isOver, lone }, service) => {
    const spread = lone === null ? ` and no endpoint ${isOver ? "stood" : "stands"} out` : "";
    return `Traffic ${isOver ? "was" : "is"} above usual${spread}: it ${maybe(isOver)} more load than ${service} can carry.`;
  },
  process_or_routing: processOrRouting,
  shared_dependency: shared,
  other_service: otherService,
  callers: (_signals, service) =>
    `Those who call ${service} may send less, or what lies before it may let fewer requests through.`,
  client_requests: ({ lone, isOver }) =>
    `What grew ${isOver ? "were" : "are"} answers for requests that clients got wrong or were not allowed (4xx)${lone === null ? "" : `, on ${quoted(lone.names[0] ?? "")}`}: a client may have changed what it sends.`,
  scheduled_work: (_signals, service) =>
    `It has happened at this time of day before: scheduled work of ${service}, or of something that it uses, may bring it.`,
  unknown: () => "The facts do not tell a cause.",
};
