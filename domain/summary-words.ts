/** The sentences of the template's summary. Each says which facts it rests on; null where the facts have nothing for it. */
import { ofOneHarm } from "./endpoint-harm.ts";
import type { Fact, FactKind } from "./evidence.ts";
import {
  counted,
  duration,
  inWords,
  listed,
  milliseconds,
  percent,
  quoted,
  rounded,
  timeOfDate,
  timeOfDay,
  whole,
} from "./fact-words.ts";
import type { Statement } from "./narrative.ts";
import type { Resolution } from "./incident.ts";
import { against, type Said, sentence, statement } from "./said.ts";
import { type Signals, valueIn, valueOf } from "./signals.ts";

const ENDPOINTS_MAX = 3;

/** `Since 10:02:11 UTC`, or `From 10:02:11 to 10:12:00 UTC` of what is over; each with its date where they are of two days; empty where no fact knows the onset. */
export function spanOf({ first, isOfDays }: Signals): Said {
  const [onset, resolved] = [first("onset"), first("resolved")];
  const [from, to] = [valueIn(onset, "at"), valueIn(resolved, "at")];
  if (onset === null || from === null) return { text: "", facts: [] };
  const told = isOfDays ? timeOfDate : timeOfDay;
  if (resolved === null || to === null) return { text: `since ${told(from)}`, facts: [onset] };
  return { text: `from ${told(from).replace(" UTC", "")} to ${told(to)}`, facts: [onset, resolved] };
}

/** What is wrong, how far from typical, and since when. */
export function wrongStatement(signals: Signals, service: string): Statement {
  const span = spanOf(signals);
  const clauses = signals.symptoms.map((fact, i) => clauseOf(fact, i === 0 ? service : null, signals.isOver));
  const what = clauses.length === 0 ? `${service} ${signals.isOver ? "was" : "is"} unhealthy` : listed(clauses);
  // A name at the start of a sentence stays as it is.
  const text = span.text === "" ? `${what}.` : sentence(`${span.text} ${what}`);
  const end = endWords(signals);
  return statement([{ text, facts: [...signals.symptoms, ...span.facts] }, end].filter((said) => said !== null));
}

/** `own`: whose requests they are, as in `checkout's` or `its`; `it`: who has them. */
function clauseOf(fact: Fact, service: string | null, isOver: boolean): string {
  const [own, it] = service === null ? ["its", "it"] : [`${service}'s`, service];
  const words = CLAUSES[fact.kind];
  return words === undefined ? "" : words({ fact, own, it, isOver, actual: valueOf(fact, "actual") ?? 0 });
}

interface Clause {
  readonly fact: Fact;
  readonly own: string;
  readonly it: string;
  readonly isOver: boolean;
  readonly actual: number;
}

const CLAUSES: Readonly<Partial<Record<FactKind, (clause: Clause) => string>>> = {
  errors: ({ fact, own, isOver, actual }) =>
    `${percent(actual)} of ${own} requests ${isOver ? "failed" : "fail"}${against(fact)}`,
  latency: ({ fact, own, isOver, actual }) => {
    // Only the plain rules judge the average, by what is allowed.
    const which = valueOf(fact, "allowed") === null ? "p95 latency" : "average latency";
    const [endpoint] = fact.names;
    const whose = endpoint === undefined ? `${own} ${which}` : `${own} ${which} of ${quoted(endpoint)}`;
    return `${whose} ${isOver ? "was" : "is"} ${milliseconds(actual)}${against(fact)}`;
  },
  traffic: ({ fact, it, isOver, actual }) =>
    `${it} ${isOver ? "got" : "gets"} ${rounded(actual)} requests/s${against(fact)}`,
  down: ({ fact, it, isOver }) => `no request of ${it} ${isOver ? "was" : "is"} heard${against(fact)}`,
  budget: ({ it, isOver, actual }) =>
    `${it} ${isOver ? "spent" : "spends"} the error budget ${rounded(actual)} times as fast as allowed`,
};

const ENDS: Readonly<Record<Resolution, string>> = {
  recovered: "It recovered",
  manual: "It was closed by hand",
  retired: "It was closed, because nothing came for a day as of a service that is retired,",
};

function endWords({ first, resolution }: Signals): Said | null {
  const resolved = first("resolved");
  if (resolved === null || resolution === null) return null;
  const lasted_s = valueOf(resolved, "lasted");
  const after = lasted_s === null ? "" : ` after ${duration(lasted_s)}`;
  const before_end_s = valueOf(resolved, "deployed_before_end");
  const [version] = resolved.names;
  const newer =
    before_end_s === null || version === undefined
      ? ""
      : `; version ${quoted(version)} had come ${duration(before_end_s)} before`;
  return { text: `${ENDS[resolution]}${after}${newer}.`, facts: [resolved] };
}

/** Which endpoints and answers carry it, and how many requests it cost; null where no fact says so. */
export function whereStatement(signals: Signals): Statement | null {
  const parts = [carriers(signals), statuses(signals), impact(signals)].filter((said) => said !== null);
  return parts.length === 0 ? null : statement(parts);
}

function carriers({ of, first, isOver }: Signals): Said | null {
  const endpoints = ofOneHarm(of("endpoint")).slice(0, ENDPOINTS_MAX);
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
  return `: its requests ${isOver ? "took" : "take"} ${inWords(actual)} on average${normally}`;
}

/** Told only where clients got them wrong: that servers fail is what an error usually is. */
function statuses({ client_errors, isOver }: Signals): Said | null {
  if (client_errors === null) return null;
  const share = percent(valueOf(client_errors, "share") ?? 0);
  return { text: `4xx answers ${isOver ? "were" : "are"} ${share} of the excess.`, facts: [client_errors] };
}

/** Failed requests where errors belong to it, slow ones where latency does. */
function impact({ first, isOver }: Signals): Said | null {
  const fact = first("impact");
  const requests = fact === null ? null : valueOf(fact, "requests");
  if (fact === null || requests === null) return null;
  const count = (name: string, belongs: boolean): number => (belongs ? (valueOf(fact, name) ?? 0) : 0);
  const failed = count("failed", first("errors") !== null || first("budget") !== null);
  const slow = count("slow", first("latency") !== null);
  const harm = [
    ...(failed > 0 ? [`${whole(failed)} failed`] : []),
    ...(slow > 0 ? [`${whole(slow)} ${slow === 1 ? "was" : "were"} slow`] : []),
  ];
  if (harm.length === 0) return null;
  const excess = count("excess", true);
  const more = excess > 0 ? `, about ${whole(excess)} more than usual` : "";
  const far = isOver ? "" : " so far";
  return { text: `Of ${counted(requests, "request")}${far} ${listed(harm)}${more}.`, facts: [fact] };
}
