/** Words of the template with the facts that they rest on, and how they become sentences and statements. */
import type { Fact } from "./evidence.ts";
import { inWords } from "./fact-words.ts";
import type { Statement } from "./narrative.ts";

/** Words with their facts. */
export interface Said {
  readonly text: string;
  readonly facts: readonly Fact[];
}

/** ` (typically 0.4 %)`, with what is allowed and the time that the number is of, where the fact has them. */
export function against(fact: Fact): string {
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

export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

export function joined(parts: readonly Said[]): Said {
  return { text: parts.map(({ text }) => text).join(" "), facts: parts.flatMap(({ facts }) => facts) };
}

export function statement(parts: readonly Said[]): Statement {
  const { text, facts } = joined(parts);
  return { text, facts: [...new Set(facts.map(({ id }) => id))] };
}
