/** The sentences of the template's summary. Each says which facts it rests on; null where the facts have nothing for it. */
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
  timeOfDay,
  whole,
} from "./fact-words.ts";
import type { Statement } from "./narrative.ts";
import type { Resolution } from "./incident.ts";
import { hasUnit, type Signals, valueIn, valueOf } from "./signals.ts";

/** Words with their facts. */
interface Said {
  readonly text: string;
  readonly facts: readonly Fact[];
}

const ENDPOINTS_MAX = 3;
const STEADY_MAX = 2;

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

/** ` (typically 0.4 %)`, with what is allowed and the time that the number is of, where the fact has them. */
function against(fact: Fact): string {
  const told = (name: string, words: string): string[] => {
    const value = fact.values.find((own) => own.name === name);
    return value === undefined ? [] : [`${words} ${inWords(value)}`];
  };
  const parts = [
    ...told("over", "over the last"),
    ...told("typical", "typically"),
    ...told("allowed", "allowed up to"),
  ];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

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

/** What did not change, and what happened near it; null where no fact says so. */
export function contextStatement(signals: Signals): Statement | null {
  const parts = [load(signals), before(signals), repeated(signals)].filter((said) => said !== null);
  return parts.length === 0 ? null : statement(parts);
}

function load({ of, first, isOver }: Signals): Said | null {
  const [rising, pipeline] = [first("rising"), first("pipeline")];
  const heard = pipeline === null ? null : { text: "The pipeline is whole.", facts: [pipeline] };
  if (rising !== null) {
    const ratio = valueOf(rising, "ratio");
    const much = ratio === null ? "above what is usual" : `${rounded(ratio)} times what is usual`;
    return { text: `Traffic ${isOver ? "was" : "is"} ${much}${against(rising)}.`, facts: [rising] };
  }
  const steady = of("steady").slice(0, STEADY_MAX);
  if (steady.length === 0) return heard;
  const names = steady.map((fact) => (hasUnit(fact, "per_s") ? "traffic" : hasUnit(fact, "ms") ? "latency" : "errors"));
  const isOne = names.length === 1 && names[0] !== "errors";
  const verb = isOver ? (isOne ? "was" : "were") : isOne ? "is" : "are";
  const usual = { text: sentence(`${listed(names)} ${verb} as usual`), facts: steady };
  return heard === null ? usual : { text: `${usual.text} ${heard.text}`, facts: [...usual.facts, ...heard.facts] };
}

function before({ deploy, earlier }: Signals): Said | null {
  const [nearest] = earlier;
  const parts: string[] = [];
  if (deploy !== null) {
    const to = deploy.fact.names[0];
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
  const parts: Said[] = [];
  const [usual, flapping, alike] = [first("usual"), first("flapping"), first("alike")];
  if (flapping !== null) parts.push({ text: returns(flapping, isOver), facts: [flapping] });
  if (usual !== null) parts.push({ text: "The same happens at this time on other days.", facts: [usual] });
  if (alike !== null) parts.push({ text: alikeWords(alike), facts: [alike] });
  return parts.length === 0 ? null : joined(parts);
}

function alikeWords(alike: Fact): string {
  const count = valueOf(alike, "incidents") ?? 0;
  const lasted_s = valueOf(alike, "newest_lasted");
  const lasted =
    lasted_s === null
      ? ""
      : count === 1
        ? ` and lasted ${duration(lasted_s)}`
        : `; the newest lasted ${duration(lasted_s)}`;
  return `${counted(count, "earlier incident")} like it ${count === 1 ? "is" : "are"} known from the last month${lasted}.`;
}

/** It is held open as flapping, or came back after its end. */
function returns(flapping: Fact, isOver: boolean): string {
  const reopened = valueOf(flapping, "reopened");
  const back = reopened === null ? "" : `it came back ${counted(reopened, "time")} after its end`;
  if (valueOf(flapping, "quiet") === null) return sentence(back === "" ? "it has come back" : back);
  const comes = isOver ? "It came and went" : "It comes and goes";
  return back === "" ? `${comes}.` : `${comes}; ${back}.`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function joined(parts: readonly Said[]): Said {
  return { text: parts.map(({ text }) => text).join(" "), facts: parts.flatMap(({ facts }) => facts) };
}

function statement(parts: readonly Said[]): Statement {
  const { text, facts } = joined(parts);
  return { text, facts: [...new Set(facts.map(({ id }) => id))] };
}
