/** Which endpoints carry an incident's excess: as its service tells now, or as the evidence told. */
import { ofOneHarm } from "../../../domain/endpoint-harm.ts";
import type { Fact } from "../../../domain/evidence.ts";
import type { EndpointShare } from "./sentence.ts";
import type { EndpointItem } from "../../../domain/resource.ts";

export interface ExcessShare extends EndpointShare {
  /** It carries half or more. */
  readonly drives: boolean;
}

/** Of a service now, or as held while its page stands still; those that have none are left out. */
export function liveShares(endpoints: readonly EndpointItem[]): EndpointShare[] {
  return endpoints.flatMap(({ endpoint, excess_share }) =>
    excess_share === null ? [] : [{ endpoint, share: excess_share }],
  );
}

const DRIVES = 0.5;
const SHOWN_MAX = 6;

/**
 * Largest first, at most six. `endpoints`: the service's own while this incident is its open one, else null; `facts`: of the
 * newest narrative. Empty where neither tells.
 */
export function excessShares(endpoints: readonly EndpointItem[] | null, facts: readonly Fact[]): ExcessShare[] {
  const live = liveShares(endpoints ?? []);
  const shares = live.length > 0 ? live : ofOneHarm(facts.filter(({ kind }) => kind === "endpoint")).flatMap(factShare);
  return shares
    .toSorted((a, b) => b.share - a.share)
    .slice(0, SHOWN_MAX)
    .map(({ endpoint, share }) => ({ endpoint, share: Math.min(1, Math.max(0, share)), drives: share >= DRIVES }));
}

function factShare(fact: Fact): EndpointShare[] {
  const share = fact.values.find(({ name, unit }) => name === "share" && unit === "share")?.value;
  const endpoint = fact.names[0];
  return share === undefined || endpoint === undefined ? [] : [{ endpoint, share }];
}
