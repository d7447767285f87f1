/** The sentences of the template's summary. Each says which facts it rests on; null where the facts have nothing for it. */
import type { Fact } from "./evidence.ts";
import {
  counted,
  duration,
  inWords,
  listed,
  milliseconds,
  percent,
  perSecond,
  quoted,
  rounded,
  timeOfDay,
  whole,
} from "./fact-words.ts";
import type { Statement } from "./narrative.ts";
import { hasUnit, type Signals, valueIn, valueOf } from "./signals.ts";

/** Words with their facts. */
interface Said {
  readonly text: string;
  readonly facts: readonly Fact[];
}

const ENDPOINTS_MAX = 3;

/** `Since 10:02:11 UTC`, or `From 10:02:11 to 10:12:00 UTC` of what is over; empty where no fact knows the onset. */
export function spanOf({ first }: Signals): Said {
  const [onset, resolved] = [first("onset"), first("resolved")];
  const [from, to] = [valueIn(onset, "at"), valueIn(resolved, "at")];
  if (onset === null || from === null) return { text: "", facts: [] };
  if (resolved === null || to === null) return { text: `since ${timeOfDay(from)}`, facts: [onset] };
  return { text: `from ${timeOfDay(from).replace(" UTC", "")} to ${timeOfDay(to)}`, facts: [onset, resolved] };
}

/** What is wrong, how far from typical, and since when. */
export function wrongStatement(signals: Signals, service: string): Statement {
  const span = spanOf(signals);
  const clauses = signals.symptoms.map((fact, i) => clauseOf(fact, i === 0 ? service : "its", signals.isOver));
  const what = clauses.length === 0 ? `${service} ${signals.isOver ? "was" : "is"} unhealthy` : listed(clauses);
  const text = sentence(span.text === "" ? what : `${span.text} ${what}`);
  const end = endWords(signals);
  return statement([{ text, facts: [...signals.symptoms, ...span.facts] }, end].filter((said) => said !== null));
}

function clauseOf(fact: Fact, whose: string, isOver: boolean): string {
  const [actual, typical] = [valueOf(fact, "actual"), valueOf(fact, "typical")];
  const own = whose === "its" ? "its" : `${whose}'s`;
  const it = whose === "its" ? "it" : whose;
  const instead = (words: (value: number) => string): string =>
    typical === null ? "" : ` (typically ${words(typical)})`;
  switch (fact.kind) {
    case "errors":
      return `${percent(actual ?? 0)} of ${own} requests ${isOver ? "failed" : "fail"}${instead(percent)}`;
    case "latency":
      return `${own} p95 latency ${isOver ? "was" : "is"} ${milliseconds(actual ?? 0)}${instead(milliseconds)}`;
    case "traffic":
      return `${it} ${isOver ? "got" : "gets"} ${perSecond(actual ?? 0)} requests${instead(perSecond)}`;
    case "budget":
      return `${it} ${isOver ? "spent" : "spends"} the error budget ${rounded(actual ?? 0)} times as fast as allowed`;
    default:
      return `no request of ${it === "it" ? "it" : it} ${isOver ? "was" : "is"} heard${instead(perSecond)}`;
  }
}

const ENDS = {
  recovered: "It ended by itself",
  manual: "It was closed by hand",
  retired: "It was closed because the service was silent for a day and is taken for retired,",
} as const;

function endWords({ first }: Signals): Said | null {
  const resolved = first("resolved");
  if (resolved === null) return null;
  const lasted_s = valueIn(resolved, "s");
  const how = (Object.keys(ENDS) as (keyof typeof ENDS)[]).find((name) => resolved.names.includes(name)) ?? "recovered";
  return { text: lasted_s === null ? `${ENDS[how]}.` : `${ENDS[how]} after ${duration(lasted_s)}.`, facts: [resolved] };
}

/** Which endpoints and answers carry it, and how many requests it cost; null where no fact says so. */
export function whereStatement(signals: Signals): Statement | null {
  const parts = [carriers(signals), statuses(signals), impact(signals)].filter((said) => said !== null);
  return parts.length === 0 ? null : statement(parts);
}

function carriers({ of, first, isOver }: Signals): Said | null {
  const endpoints = of("endpoint").slice(0, ENDPOINTS_MAX);
  const spread = first("spread");
  if (endpoints.length === 0)
    return spread === null ? null : { text: `No endpoint ${isOver ? "stood" : "stands"} out.`, facts: [spread] };
  const shares = endpoints.map((fact, i) => {
    const share = percent(valueOf(fact, "share") ?? 0);
    const name = quoted(fact.names[0] ?? "");
    return i === 0 ? `${name} ${isOver ? "carried" : "carries"} ${share} of the excess` : `${name} ${share}`;
  });
  const [main] = endpoints;
  const more = endpoints.length === 1 && main !== undefined ? ownNumbers(main, isOver) : "";
  return { text: `${listed(shares)}${more}.`, facts: endpoints };
}

/** `: 95 % of its requests fail (typically 0.5 %)`. */
function ownNumbers(fact: Fact, isOver: boolean): string {
  const actual = fact.values.find((value) => value.name === "actual");
  const typical = fact.values.find((value) => value.name === "typical");
  if (actual === undefined) return "";
  const normally = typical === undefined ? "" : ` (typically ${inWords(typical)})`;
  if (actual.unit === "share")
    return `: ${percent(actual.value)} of its requests ${isOver ? "failed" : "fail"}${normally}`;
  return `: its latency ${isOver ? "was" : "is"} ${inWords(actual)}${normally}`;
}

/** Told only where clients got them wrong: that servers fail is what an error usually is. */
function statuses({ client_errors, isOver }: Signals): Said | null {
  if (client_errors === null) return null;
  const share = percent(valueOf(client_errors, "share") ?? 0);
  return { text: `4xx answers ${isOver ? "were" : "are"} ${share} of the excess.`, facts: [client_errors] };
}

function impact({ first, isOver }: Signals): Said | null {
  const fact = first("impact");
  const requests = fact === null ? null : valueOf(fact, "requests");
  if (fact === null || requests === null) return null;
  const [failed, slow, excess] = ["failed", "slow", "excess"].map((name) => valueOf(fact, name) ?? 0) as [
    number,
    number,
    number,
  ];
  const harm = [
    ...(failed > 0 ? [`${whole(failed)} failed`] : []),
    ...(slow > 0 ? [`${whole(slow)} ${slow === 1 ? "was" : "were"} slow`] : []),
  ];
  if (harm.length === 0) return null;
  const more = excess > 0 ? `, about ${whole(excess)} more than usual` : "";
  const far = isOver ? "" : " so far";
  return { text: `Of ${counted(requests, "request")}${far}, ${listed(harm)}${more}.`, facts: [fact] };
}

/** What did not change, and what happened near it; null where no fact says so. */
export function contextStatement(signals: Signals): Statement | null {
  const parts = [load(signals), before(signals), repeated(signals)].filter((said) => said !== null);
  return parts.length === 0 ? null : statement(parts);
}

function load({ of, first, isOver }: Signals): Said | null {
  const rising = first("rising");
  const rate = rising === null ? null : valueOf(rising, "actual");
  if (rising !== null) {
    const numbers = rate === null ? "" : ` (${perSecond(rate)})`;
    return { text: `Traffic ${isOver ? "was" : "is"} above usual${numbers}.`, facts: [rising] };
  }
  const steady = of("steady").slice(0, 2);
  if (steady.length === 0) return null;
  const names = steady.map((fact) => (hasUnit(fact, "per_s") ? "traffic" : hasUnit(fact, "ms") ? "latency" : "errors"));
  const was = isOver ? (steady.length === 1 && names[0] !== "errors" ? "was" : "were") : isOrAre(names);
  return { text: sentence(`${listed(names)} ${was} as usual`), facts: steady };
}

function isOrAre(names: readonly string[]): string {
  return names.length === 1 && names[0] !== "errors" ? "is" : "are";
}

function before({ deploy, earlier }: Signals): Said | null {
  const [nearest] = earlier;
  const parts: string[] = [];
  if (deploy !== null) {
    const to = deploy.fact.names.at(-1);
    const version = to === undefined ? "a new version" : `version ${quoted(to)}`;
    parts.push(`${version} came ${duration(deploy.before_s)} before it`);
  }
  if (nearest !== undefined)
    parts.push(`an incident of ${nearest.service} began ${duration(nearest.lead_s)} before it`);
  if (parts.length === 0) return null;
  return {
    text: sentence(listed(parts)),
    facts: [deploy?.fact, nearest?.fact].filter((fact) => fact !== undefined),
  };
}

function repeated({ first, isOver }: Signals): Said | null {
  const [usual, flapping] = [first("usual"), first("flapping")];
  if (flapping !== null) return { text: isOver ? "It came and went." : "It comes and goes.", facts: [flapping] };
  return usual === null ? null : { text: "The same happens at this time of day.", facts: [usual] };
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function statement(parts: readonly Said[]): Statement {
  const ids = parts.flatMap(({ facts }) => facts.map(({ id }) => id));
  return { text: parts.map(({ text }) => text).join(" "), facts: [...new Set(ids)] };
}
