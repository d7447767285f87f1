/** The numbers of the evidence chips: each fact has one, the same wherever it is cited, in the order of the first citation. */
import type { Fact } from "../../../../domain/evidence.ts";
import type { Narrative, Statement } from "../../../../domain/narrative.ts";
import type { FigureName } from "../severity.ts";

export interface Citation {
  readonly number: number;
  readonly fact: Fact;
}

/** By fact id. A fact that nothing cites has no chip; an id without a fact is left out: there is nothing to show of it. */
export function citations(narrative: Narrative): ReadonlyMap<string, Citation> {
  const known = new Map(narrative.evidence.map((fact) => [fact.id, fact] as const));
  const cited = new Map<string, Citation>();
  const statements = [...narrative.summary, ...narrative.possible_causes, ...narrative.recommended_actions];
  for (const id of statements.flatMap((statement) => statement.facts)) {
    const fact = known.get(id);
    if (fact !== undefined && !cited.has(id)) cited.set(id, { number: cited.size + 1, fact });
  }
  return cited;
}

/** What a statement rests on, by number. */
export function citationsOf(statement: Statement, cited: ReadonlyMap<string, Citation>): Citation[] {
  const found = new Set(statement.facts).values().map((id) => cited.get(id));
  return [...found].filter((citation) => citation !== undefined).toSorted((a, b) => a.number - b.number);
}

/** The chart that proves a fact; null where none does. */
export function figureOf(fact: Fact): FigureName | null {
  switch (fact.kind) {
    case "errors":
    case "budget":
    case "statuses":
      return "errors";
    case "latency":
      return "latency";
    case "traffic":
    case "down":
    case "rising":
      return "rate";
    case "steady":
      return steadyFigure(fact);
    case "onset":
    case "endpoint":
    case "spread":
    case "impact":
    case "deploy":
    case "neighbour":
    case "alike":
    case "usual":
    case "flapping":
    case "pipeline":
    case "resolved":
      return null;
  }
}

/** What did not change is told by its unit. */
function steadyFigure(fact: Fact): FigureName | null {
  const units = new Set(fact.values.map((value) => value.unit));
  if (units.has("ms")) return "latency";
  if (units.has("per_s")) return "rate";
  return units.has("share") ? "errors" : null;
}

/** The numbers that stand beside a chart's title. */
export function chartNumbers(cited: ReadonlyMap<string, Citation>, figure: FigureName): number[] {
  return [...cited.values()].filter(({ fact }) => figureOf(fact) === figure).map(({ number }) => number);
}

/** The numbers that stand beside the endpoints' shares of the excess. */
export function shareNumbers(cited: ReadonlyMap<string, Citation>): number[] {
  return [...cited.values()]
    .filter(({ fact }) => fact.kind === "endpoint" || fact.kind === "spread")
    .map(({ number }) => number);
}

/** Every name that the narrative may speak of. */
export function namesOf(narrative: Narrative): string[] {
  return [narrative.service, ...narrative.evidence.flatMap((fact) => fact.names)];
}

/** The first sentence, which says it, and the rest, which says why; a full stop within a name or a number ends none. */
export function firstSentence(text: string): readonly [string, string] {
  const end = /[.:](?=\s)/.exec(text);
  return end === null ? [text, ""] : [text.slice(0, end.index + 1), text.slice(end.index + 1).trim()];
}

/** A link that leads to a web page; null for anything else that an address could do. */
export function safeLink(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  return /^https?:$/.test(new URL(url).protocol) ? url : null;
}
