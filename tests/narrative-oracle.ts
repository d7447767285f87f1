/** Numbers of a narrative as a reader of any script would find them, held against the evidence: nothing of the check's own is used. */
import type { Evidence } from "../domain/evidence.ts";
import type { Story } from "../domain/narrative.ts";
import type { AnswerDraft } from "./evidence-example.ts";

/** Every sentence, to read or to change. */
export function textsOf({ summary, possible_causes, recommended_actions }: Story | AnswerDraft): { text: string }[] {
  return [...summary, ...possible_causes, ...recommended_actions] as { text: string }[];
}

const WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
const LARGE: Readonly<Record<string, number>> = {
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  ninety: 90,
  hundred: 100,
};
const PARTS: Readonly<Record<string, number>> = {
  half: 0.5,
  third: 1 / 3,
  quarter: 0.25,
  twice: 2,
  double: 2,
  triple: 3,
};

/** Digits of other scripts, of circles and of mathematics too. */
function plainDigits(text: string): string {
  return text
    .normalize("NFKC")
    .replaceAll(/\p{Nd}/gu, (digit) => {
      let zero = digit.codePointAt(0)!;
      while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && digit.codePointAt(0)! - zero < 9) zero -= 1;
      return /[0-9]/.test(digit) ? digit : String(digit.codePointAt(0)! - zero);
    })
    .replaceAll(/\p{Cf}|\p{M}/gu, "");
}

function numbersIn(text: string, names: readonly string[]): number[] {
  let rest = text;
  for (const name of names.toSorted((a, b) => b.length - a.length)) rest = rest.replaceAll(name, " ");
  rest = plainDigits(rest).replaceAll(
    /\bp95\b|\b95th percentile|\bslowest twentieth|\bthird-party|\bdouble-check/gi,
    "",
  );
  const digits = [...rest.matchAll(/\d[\d,]*(?:\.\d+)?/g)].map(([found]) => Number(found.replaceAll(",", "")));
  const words = [...rest.toLowerCase().matchAll(/[a-z]+/g)].flatMap(([word]) => {
    const at = WORDS.indexOf(word);
    // One is a pronoun as well.
    if (at !== -1) return at === 1 ? [] : [at];
    const known = LARGE[word] ?? PARTS[word] ?? PARTS[word.replace(/s$/, "")];
    return known === undefined ? [] : [known];
  });
  return [...digits, ...words];
}

/** In every unit in which a value may be told, and the parts of a time. */
function knownNumbers({ facts, subject }: Evidence): number[] {
  const values = facts.flatMap((fact) => fact.values);
  const times = [subject.onset_at, subject.opened_at, subject.updated_at, subject.resolved_at];
  const clocks = [
    ...values.filter(({ unit }) => unit === "at").map(({ value }) => value),
    ...times.flatMap((time) => (time === null ? [] : [Math.floor(Date.parse(time) / 1000)])),
  ].flatMap((second) => {
    const date = new Date(second * 1000);
    const next = new Date(second * 1000 + 30_000);
    const day = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    return [
      ...day,
      date.getUTCHours(),
      next.getUTCHours(),
      date.getUTCMinutes(),
      next.getUTCMinutes(),
      date.getUTCSeconds(),
    ];
  });
  const scaled = values.flatMap(({ value, unit }) =>
    unit === "at"
      ? []
      : [1, 60, 100, 1000, 1 / 1000, 1 / 60, 1 / 3600, 1 / 86_400, 1 / 1e6].map((factor) => value * factor),
  );
  const classes = values.flatMap(({ value, unit }) => (unit === "code" ? [Math.floor(value / 100)] : []));
  return [...clocks, ...scaled, ...classes];
}

function isKnown(told: number, known: readonly number[]): boolean {
  return known.some(
    (value) => told === value || Math.abs(told - value) <= 0.11 * Math.abs(value) || (told === 0 && value < 0.001),
  );
}

/** Names as they are and as facts shorten them; those that are numbers only where they stand between quotes. */
function namesOf({ service, subject, facts }: Evidence): string[] {
  const whole = [service, subject.endpoint ?? service, ...facts.flatMap((fact) => fact.names)];
  const told = whole.map((name) => name.replaceAll(/[“”]/gu, '"'));
  const shortened = told.map((name) => `${Array.from(name).slice(0, 79).join("")}…`);
  return [...whole, ...told, ...shortened].flatMap((name) =>
    /[A-Za-z]/.test(name) ? [name] : [`“${name}”`, `"${name}"`, `'${name}'`, `‘${name}’`],
  );
}

/** The numbers of its sentences that no value of the evidence is, with the sentence. */
export function unknownNumbers(story: Story | AnswerDraft, evidence: Evidence): string[] {
  const known = knownNumbers(evidence);
  const names = namesOf(evidence);
  return textsOf(story).flatMap(({ text }) =>
    numbersIn(text, names)
      .filter((told) => !isKnown(told, known))
      .map((told) => `${told} in ${text}`),
  );
}
