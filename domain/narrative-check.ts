/**
 * The check of what a model wrote: nothing of it is shown unless all of it passes. Numbers are of the evidence (grounded-numbers.ts),
 * names too (known-names.ts, prose-check.ts), causes are of those that the rules offer, and no sentence claims more than is known
 * (claim-words.ts). What a sentence means beyond that is not judged: a right number beside the wrong word passes.
 */
import * as v from "valibot";
import { causesOf } from "./cause-rules.ts";
import { overclaims } from "./claim-words.ts";
import type { Evidence } from "./evidence.ts";
import { groundNumbers } from "./grounded-numbers.ts";
import { knownNames, type KnownName, type Part, partsOf } from "./known-names.ts";
import { type Answer, ANSWER_LENGTH_MAX, AnswerForm, rankOf } from "./narrative-form.ts";
import type { Action, Cause, CauseId, Certainty, Statement, Story } from "./narrative.ts";
import { badCharacters, NAME_MARK, normalizeProse, unknownNames } from "./prose-check.ts";
import { templateStory } from "./template-narrative.ts";

export type StoryVerdict =
  | { readonly story: Story; readonly violations: readonly [] }
  | { readonly story: null; readonly violations: readonly string[] };

/** A model that is told more than this at once heeds none of it. */
const VIOLATIONS_MAX = 24;

/**
 * @param text the model's raw answer
 * @returns the story, its prose NFKC-normalised, its links those of the template; or every violation, as in
 *   `summary[1].text: "41 %" is not in the evidence: …`
 */
export function checkStory(text: string, evidence: Evidence): StoryVerdict {
  const read = readAnswer(text);
  if ("violations" in read) return refused(read.violations);
  const judge = new Judge(evidence);
  const summary = judge.statements(read.answer.summary, "summary");
  const possible_causes = judge.causes(read.answer.possible_causes);
  const own = judge.statements(read.answer.recommended_actions, "recommended_actions");
  judge.whole(summary);
  if (judge.violations.length > 0) return refused(judge.violations);
  return {
    story: { summary, possible_causes, recommended_actions: withLinks(own, evidence) },
    violations: [],
  };
}

function refused(violations: readonly string[]): StoryVerdict {
  return { story: null, violations: violations.slice(0, VIOLATIONS_MAX) };
}

/** Nesting needs no bound of its own: the form has four levels, and a text of this length is parsed whatever it holds. */
function readAnswer(text: string): { readonly answer: Answer } | { readonly violations: readonly string[] } {
  if (text.length > ANSWER_LENGTH_MAX)
    return { violations: [`answer: has ${text.length} characters; at most ${ANSWER_LENGTH_MAX} are right`] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What does not parse is what this is asked to tell.
    return {
      violations: ["answer: is not one whole JSON object; write that alone, and write less where it was cut off"],
    };
  }
  const parsed = v.safeParse(AnswerForm, value);
  if (parsed.success) return { answer: parsed.output };
  return { violations: parsed.issues.map((issue) => `${placeOf(issue)}: ${issue.message}`) };
}

/** `summary[1].text` */
function placeOf(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) =>
    typeof key === "number" ? `[${key}]` : `.${shortened(String(key))}`,
  );
  return keys.join("").replace(/^\./, "") || "answer";
}

/** A key is the model's word: it goes back to the model, but not without an end. */
function shortened(key: string): string {
  return key.length > 40 ? `${key.slice(0, 40)}…` : key;
}

/** The service's own links stand first, as in the template; the model has no part in them. */
function withLinks(own: readonly Statement[], evidence: Evidence): readonly Action[] {
  const linked = templateStory(evidence).recommended_actions.filter(({ url }) => url !== null);
  return [...linked, ...own.map((action) => ({ ...action, url: null }))];
}

class Judge {
  readonly violations: string[] = [];
  readonly #evidence: Evidence;
  readonly #names: readonly KnownName[];
  readonly #offered: readonly Cause[];
  readonly #ids: ReadonlySet<string>;
  /** Names that the summary spoke of. */
  readonly #named = new Set<string>();

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#names = knownNames(evidence);
    this.#offered = causesOf(evidence);
    this.#ids = new Set(evidence.facts.map(({ id }) => id));
  }

  statements(written: Answer["summary"], place: "summary" | "recommended_actions"): readonly Statement[] {
    const part = place === "summary" ? "summary" : "action";
    for (const [at, { text }] of written.entries()) {
      if (written.findIndex((other) => other.text === text) < at) this.#refuse(`${place}[${at}].text`, "is told twice");
    }
    return written.map((statement, at) => this.#statement(statement, `${place}[${at}]`, part, null));
  }

  /** The more certain first, as the model may have ordered them within. */
  causes(written: Answer["possible_causes"]): readonly Cause[] {
    const told = written.map((own, at): Cause => {
      const place = `possible_causes[${at}]`;
      const offer = this.#offered.find(({ cause }) => cause === own.cause);
      if (offer === undefined)
        this.#refuse(`${place}.cause`, `${own.cause} is not offered; right are ${this.#offeredIds().join(", ")}`);
      else if (rankOf(own.certainty) < rankOf(offer.certainty))
        this.#refuse(`${place}.certainty`, `${own.certainty} is more than the offered ${offer.certainty}`);
      if (written.findIndex(({ cause }) => cause === own.cause) < at)
        this.#refuse(`${place}.cause`, `${own.cause} is told twice; tell it once`);
      const statement = this.#statement(own, place, "cause", own.certainty);
      const facts = [...new Set([...(offer?.facts ?? []), ...statement.facts])];
      return { cause: own.cause, certainty: own.certainty, text: statement.text, facts };
    });
    for (const { cause, certainty } of this.#offered) {
      if (certainty !== "INCONCLUSIVE" && !told.some((own) => own.cause === cause))
        this.#refuse("possible_causes", `${cause} is missing, which is ${certainty}`);
    }
    return told.toSorted((a, b) => rankOf(a.certainty) - rankOf(b.certainty));
  }

  /** What a summary cannot do without, whatever else it says. */
  whole(summary: readonly Statement[]): void {
    const { service, facts } = this.#evidence;
    if (!this.#named.has(service)) this.#refuse("summary", `must name the service ${JSON.stringify(service)}`);
    const wrong = facts.filter(({ kind }) => HARM.includes(kind)).map(({ id }) => id);
    const cited = new Set(summary.flatMap((statement) => statement.facts));
    if (wrong.length > 0 && !wrong.some((id) => cited.has(id)))
      this.#refuse("summary", `must say what is wrong, by one of the facts ${wrong.join(", ")}`);
  }

  #offeredIds(): readonly CauseId[] {
    return this.#offered.map(({ cause }) => cause);
  }

  #refuse(place: string, why: string): void {
    this.violations.push(`${place}: ${why}`);
  }

  #statement(
    { text, facts }: Statement,
    place: string,
    part: "summary" | "cause" | "action",
    certainty: Certainty | null,
  ): Statement {
    for (const id of facts.filter((own) => !this.#ids.has(own)))
      this.#refuse(
        `${place}.facts`,
        `${JSON.stringify(shortened(id))} is no fact's id; right are ${[...this.#ids].join(", ")}`,
      );
    const parts = partsOf(text, this.#names).map(normalized);
    const refuse = (why: string) => this.#refuse(`${place}.text`, why);
    const prose = parts
      .filter(({ kind }) => kind === "prose")
      .map(shownOf)
      .join("");
    const bad = badCharacters(prose);
    const plain = parts.map((own) => (own.kind === "prose" ? own.text : NAME_MARK)).join("");
    // Nothing is read of a text whose characters may look like others.
    const grounded = bad === null ? groundNumbers(plain, this.#evidence, facts) : { facts: [], violations: [bad] };
    grounded.violations.forEach(refuse);
    if (bad === null) {
      unknownNames(plain).forEach(refuse);
      overclaims(plain, this.#evidence, { part, certainty, offered: this.#offeredIds() }).forEach(refuse);
      if (!/[.!?]["”’)]?$/.test(plain)) refuse("must end as a sentence does; it may be cut off");
    }
    if (part === "summary") for (const own of parts) if (own.kind === "name") this.#named.add(own.name);
    return { text: parts.map(shownOf).join(""), facts: [...new Set([...facts, ...grounded.facts])] };
  }
}

const HARM: readonly string[] = ["errors", "latency", "traffic", "down", "budget"];

function normalized(part: Part): Part {
  return part.kind === "prose" ? { kind: "prose", text: normalizeProse(part.text) } : part;
}

function shownOf(part: Part): string {
  return part.kind === "prose" ? part.text : part.shown;
}
