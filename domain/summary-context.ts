/** The last sentences of the template's summary: what did not change, and what happened near it or before. */
import type { Fact } from "./evidence.ts";
import { counted, duration, listed, quoted, rounded } from "./fact-words.ts";
import { serviceName } from "./known-names.ts";
import type { Statement } from "./narrative.ts";
import { against, joined, type Said, sentence, statement } from "./said.ts";
import { hasUnit, type Signals, valueOf } from "./signals.ts";

const STEADY_MAX = 2;

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
  const usual = { text: sentence(listed(steadyClauses(steady, isOver))), facts: steady };
  return heard === null ? usual : { text: `${usual.text} ${heard.text}`, facts: [...usual.facts, ...heard.facts] };
}

/** Of latency and errors it is known that they did not rise; what fails at once makes a service faster than usual. */
function steadyClauses(steady: readonly Fact[], isOver: boolean): string[] {
  const [traffic, others] = [steady.some(isTraffic), steady.filter((fact) => !isTraffic(fact))];
  const names = others.map((fact) => (hasUnit(fact, "ms") ? "latency" : "errors"));
  return [
    ...(traffic ? [`traffic ${isOver ? "was" : "is"} as usual`] : []),
    ...(names.length > 0 ? [`${listed(names)} did not rise`] : []),
  ];
}

function isTraffic(fact: Fact): boolean {
  return hasUnit(fact, "per_s");
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
    parts.push(`an incident of ${serviceName(nearest.service)} began ${duration(nearest.lead_s)} before it`);
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
  const back =
    reopened === null ? "" : `it came back ${reopened === 1 ? "once" : counted(reopened, "time")} after its end`;
  if (valueOf(flapping, "quiet") === null) return sentence(back === "" ? "it has come back" : back);
  const comes = isOver ? "It came and went" : "It comes and goes";
  return back === "" ? `${comes}.` : `${comes}; ${back}.`;
}
