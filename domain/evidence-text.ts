/** Evidence as the model reads it: small, however long the names in it are. */
import type { Evidence, Fact, FactKind } from "./evidence.ts";

export const EVIDENCE_TOKENS_MAX = 1_200;

/** The first of them are what a narrative cannot do without. */
const IMPORTANCE: readonly FactKind[] = [
  "down",
  "errors",
  "latency",
  "traffic",
  "budget",
  "resolved",
  "onset",
  "endpoint",
  "spread",
  "deploy",
  "statuses",
  "impact",
  "neighbour",
  "rising",
  "steady",
  "pipeline",
  "usual",
  "alike",
  "flapping",
];

/**
 * JSON with the incident's service, status, severity and metrics, and its facts, each with its id and its sentence: the numbers stand
 * in that, rounded. At most 1,200 tokens (tokensOf): of more, the least important facts are left out, whole ones.
 */
export function evidenceText(evidence: Evidence): string {
  const ranked = evidence.facts.toSorted((a, b) => rankOf(a) - rankOf(b));
  const kept = new Set<Fact>();
  let tokens = tokensOf(written(evidence, []));
  for (const fact of ranked) {
    // Two more: a comma between facts, and that tokens of two texts beside each other are at most those of both.
    const more = tokensOf(JSON.stringify(entryOf(fact))) + 2;
    if (tokens + more > EVIDENCE_TOKENS_MAX) continue;
    kept.add(fact);
    tokens += more;
  }
  return written(
    evidence,
    evidence.facts.filter((fact) => kept.has(fact)),
  );
}

/** Further ones of a kind say less than the first of the next. */
function rankOf({ kind, id }: Fact): number {
  const number = Number(id.split(".")[1] ?? 1);
  const isFurther = (kind === "endpoint" || kind === "neighbour") && number > 1;
  return IMPORTANCE.indexOf(kind) + (isFurther ? IMPORTANCE.length * (number - 1) : 0);
}

function written({ service, subject, affected_metrics }: Evidence, facts: readonly Fact[]): string {
  const { status, severity } = subject;
  return JSON.stringify({ service, status, severity, metrics: affected_metrics, facts: facts.map(entryOf) });
}

function entryOf({ id, text }: Fact): Pick<Fact, "id" | "text"> {
  return { id, text };
}

/** Letters of a word that a token holds at least: words of every language model are longer, names without sense are not. */
const LETTERS_A_TOKEN = 2;

const encoder = new TextEncoder();

/**
 * How many tokens a model makes of a text at most, to a good estimate: byte-pair vocabularies join a space with the word after it,
 * hold two letters or more of the rarest word in a token, and fall back to a byte a token at worst. So: a token for each two ASCII
 * letters of a word, for each digit and sign, and for each byte of all else. Of plain English that is three times too many.
 */
export function tokensOf(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(/[A-Za-z]+|[ ]|[!-~]|[^ -~]+/g)) {
    if (part === " ") continue;
    const isWord = /^[A-Za-z]/.test(part);
    tokens += isWord ? Math.ceil(part.length / LETTERS_A_TOKEN) : encoder.encode(part).length;
  }
  return tokens;
}
