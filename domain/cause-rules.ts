/**
 * Which causes an incident may have, by rules over its facts.
 *
 * Each cause of the list has a rule that says whether the facts offer it and how certain they make it alone; then they are held
 * against each other.
 *
 * CONFIRMED is only what follows by elimination, whatever else may be true. From sums of requests that is one thing: no
 * request is heard any more, while the pipeline that would bring them is heard; so the service's process has stopped or does not
 * report, or nothing reaches it (`process_or_routing`, which names all of these and no more). What came before, beside or at the same
 * time of day as the fault is correlation, and never CONFIRMED. A rollback that ends a fault would, with the deploy before it,
 * prove a release; but the events of a rollback look like those of a rolling deploy's end (version-table.ts), so that no fact
 * tells of one, and a release stays LIKELY.
 *
 * LIKELY, where the facts fit it and nothing else that they say explains the fault as well:
 * - `scheduled_work`: the same happened at this time of day on at least three days. It outdoes all that happened to be near
 *   today, which the other days did not have.
 * - `release`: the version changed, and the fault began within five minutes.
 * - `other_service`: another service's incident began at most five minutes earlier, by more than the error of an onset.
 * - `client_requests`: answers of class 4xx carry the excess, on one endpoint.
 * - `saturation`: it is spread over the endpoints while traffic rises.
 * - `endpoint_dependency`: one endpoint carries the excess alone.
 * - `shared_dependency`: it is spread over the endpoints and traffic does not rise, or another service's incident began with it.
 * - `callers`: fewer requests come, and neither errors nor latency have grown.
 *
 * INCONCLUSIVE, where the facts offer a cause and do not make it LIKELY, and then by contradiction:
 * - What happened before (`release`, `other_service`) explains as well what the traffic looks like (`saturation`, `endpoint_dependency`
 *   and those after it): these become INCONCLUSIVE beside one that is LIKELY. So do all beside `scheduled_work`.
 * - A release and an earlier incident elsewhere contradict each other; so do a release and rising traffic: both become INCONCLUSIVE.
 *   The earlier of a release and an incident elsewhere comes first. A newer version shortly before the end decides for the release.
 * - Answers of class 4xx spread over the endpoints speak for clients, and the spread for something that lets them in: both are
 *   INCONCLUSIVE.
 * - While nothing is known of what is normal, nobody can say what changed: nothing is LIKELY.
 *
 * So at most one cause is LIKELY. Order: CONFIRMED, LIKELY, INCONCLUSIVE; within them the order of `RULES`. `unknown` stands alone.
 */
import { CAUSE_TEXTS } from "./cause-texts.ts";
import type { Evidence, Fact } from "./evidence.ts";
import { serviceName } from "./known-names.ts";
import { type Cause, type CauseId, CERTAINTIES, type Certainty } from "./narrative.ts";
import { NEIGHBOUR_LIKELY_S, type Signals, signalsOf } from "./signals.ts";

const CAUSES_MAX = 4;
/** What a new version breaks shows within minutes of its first requests; a leak may take longer, and then proves less. */
const RELEASE_LIKELY_S = 300;

/** What a rule offers, before causes are held against each other. */
interface Offer {
  readonly cause: CauseId;
  readonly certainty: Certainty;
  readonly facts: readonly Fact[];
}

/** Null: the facts do not offer it. */
type Rule = (signals: Signals) => Omit<Offer, "cause"> | null;

function offer(certainty: Certainty, ...facts: readonly (Fact | null | undefined)[]): Omit<Offer, "cause"> {
  return { certainty, facts: facts.filter((fact) => fact !== null && fact !== undefined) };
}

const likelyIf = (isLikely: boolean): Certainty => (isLikely ? "LIKELY" : "INCONCLUSIVE");

/** In the order in which causes of one certainty are told: the more particular first. */
const RULES: readonly (readonly [CauseId, Rule])[] = [
  ["scheduled_work", ({ first }) => (first("usual") === null ? null : offer("LIKELY", first("usual")))],
  ["process_or_routing", processOrRouting],
  [
    "release",
    ({ deploy, first }) =>
      deploy === null ? null : offer(likelyIf(deploy.before_s <= RELEASE_LIKELY_S), deploy.fact, first("onset")),
  ],
  ["other_service", otherService],
  [
    "client_requests",
    ({ client_errors, lone }) => (client_errors === null ? null : offer(likelyIf(lone !== null), client_errors, lone)),
  ],
  ["saturation", saturation],
  ["endpoint_dependency", ({ lone, first }) => (lone === null ? null : offer("LIKELY", lone, harm(first)))],
  ["shared_dependency", sharedDependency],
  ["callers", callers],
];

type First = Signals["first"];

function harm(first: First): Fact | null {
  return first("errors") ?? first("latency") ?? first("budget");
}

function processOrRouting({ first }: Signals): Omit<Offer, "cause"> | null {
  const down = first("down");
  if (down !== null) return offer(first("pipeline") === null ? "INCONCLUSIVE" : "CONFIRMED", down, first("pipeline"));
  // A part of the service's processes may be gone: as likely as that fewer requests are sent.
  return first("traffic") === null ? null : offer("INCONCLUSIVE", first("traffic"), first("pipeline"));
}

function otherService({ earlier, first }: Signals): Omit<Offer, "cause"> | null {
  const [nearest] = earlier;
  if (nearest === undefined) return null;
  return offer(likelyIf(nearest.lead_s <= NEIGHBOUR_LIKELY_S), nearest.fact, first("onset"));
}

function saturation({ first, lone }: Signals): Omit<Offer, "cause"> | null {
  const [rising, wrong] = [first("rising"), harm(first)];
  if (rising === null || wrong === null) return null;
  return offer(likelyIf(lone === null), rising, wrong, first("spread"));
}

function sharedDependency({
  first,
  lone,
  steady_traffic,
  together,
  client_errors,
}: Signals): Omit<Offer, "cause"> | null {
  const missing = together.length > 0 ? (first("down") ?? first("traffic")) : null;
  const wrong = harm(first) ?? missing;
  if (wrong === null || lone !== null || first("rising") !== null) return null;
  const isSeen = first("spread") !== null || together.length > 0;
  return offer(
    likelyIf(isSeen && client_errors === null),
    wrong,
    first("spread"),
    steady_traffic,
    ...together.map(({ fact }) => fact),
  );
}

function callers({ first, of }: Signals): Omit<Offer, "cause"> | null {
  const traffic = first("traffic");
  if (traffic === null) return null;
  return offer(likelyIf(harm(first) === null), traffic, ...of("steady"));
}

/** Ranked, never empty, at most four; by the rules at the head of this file. */
export function causesOf(evidence: Evidence): readonly Cause[] {
  const signals = signalsOf(evidence);
  const offers = RULES.flatMap(([cause, rule]): Offer[] => {
    const offered = rule(signals);
    return offered === null ? [] : [{ cause, ...offered }];
  });
  const settled = offers.map((own) => ({ ...own, certainty: settle(own, offers, signals) }));
  const ranked = settled.toSorted(
    (a, b) => CERTAINTIES.indexOf(a.certainty) - CERTAINTIES.indexOf(b.certainty) || precedence(a, b, signals),
  );
  const told = ranked.length > 0 ? ranked.slice(0, CAUSES_MAX) : [unknown(signals)];
  return told.map(({ cause, certainty, facts }) => ({
    cause,
    certainty,
    text: CAUSE_TEXTS[cause](signals, serviceName(evidence.service)),
    facts: facts.map(({ id }) => id),
  }));
}

function unknown({ symptoms }: Signals): Offer {
  return { cause: "unknown", ...offer("INCONCLUSIVE", ...symptoms.slice(0, 2)) };
}

const HAPPENED_BEFORE: readonly CauseId[] = ["release", "other_service"];
/** What contradicts what, each way. */
const RIVALS: Readonly<Partial<Record<CauseId, readonly CauseId[]>>> = {
  release: ["other_service", "saturation"],
  other_service: ["release"],
  saturation: ["release"],
};

/** How certain it is beside the others. */
function settle(own: Offer, offers: readonly Offer[], { isLearned, isMended }: Signals): Certainty {
  if (own.certainty !== "LIKELY") return own.certainty;
  const isLikely = (cause: CauseId): boolean =>
    offers.some((other) => other !== own && other.cause === cause && other.certainty === "LIKELY");
  const isDecided = own.cause === "release" && isMended;
  if (!isLearned || isLikely("scheduled_work") || (RIVALS[own.cause]?.some(isLikely) === true && !isDecided))
    return "INCONCLUSIVE";
  if (own.cause === "scheduled_work" || HAPPENED_BEFORE.includes(own.cause)) return "LIKELY";
  const before = RULES.slice(
    0,
    RULES.findIndex(([cause]) => cause === own.cause),
  ).map(([cause]) => cause);
  return before.some(isLikely) ? "INCONCLUSIVE" : "LIKELY";
}

/** A release after another service's incident had begun comes after it; else the order of the rules. */
function precedence(a: Offer, b: Offer, { deploy, earlier }: Signals): number {
  const isPair = HAPPENED_BEFORE.includes(a.cause) && HAPPENED_BEFORE.includes(b.cause) && a.cause !== b.cause;
  if (!isPair || deploy === null || earlier[0] === undefined || earlier[0].lead_s <= deploy.before_s) return 0;
  return a.cause === "other_service" ? -1 : 1;
}
