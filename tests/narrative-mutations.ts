/** What models and attackers make of a right answer: numbers, names and characters changed, texts put in, forms broken. */
import fc from "fast-check";
import { readPacks } from "../bench/narrator/pack.ts";
import type { Evidence } from "../domain/evidence.ts";
import type { Story } from "../domain/narrative.ts";
import { templateStory } from "../domain/template-narrative.ts";
import { type AnswerDraft, answerExample, evidenceExample } from "./evidence-example.ts";
import { textsOf } from "./narrative-oracle.ts";

/** An answer that passes, and the evidence that it is of. */
interface Base {
  readonly evidence: Evidence;
  readonly answer: AnswerDraft;
}

export const BASES: readonly Base[] = [
  { evidence: evidenceExample(), answer: answerExample() },
  ...readPacks().map(({ evidence }) => ({ evidence, answer: draftOf(templateStory(evidence)) })),
];

function draftOf({ summary, possible_causes, recommended_actions }: Story): AnswerDraft {
  const own = recommended_actions.filter(({ url }) => url === null).map(({ text, facts }) => ({ text, facts }));
  return structuredClone({ summary, possible_causes, recommended_actions: own }) as AnswerDraft;
}

const number = fc.oneof(
  fc.integer({ min: 0, max: 99_999 }),
  fc.double({ min: 0, max: 1000, noNaN: true }).map((n) => Number(n.toFixed(2))),
);
const SCRIPTS = ["0", "٠", "०", "０", "𝟎", "𝟘", "᠐"].map((zero) => zero.codePointAt(0)!);
const inScript = fc
  .tuple(fc.integer({ min: 10, max: 9999 }), fc.constantFrom(...SCRIPTS))
  .map(([n, zero]) => String(n).replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit))));

/** A number in one of the ways in which numbers are written, many of which the check has to know or to refuse. */
const told = fc.oneof(
  number.map(String),
  number.map((n) => n.toLocaleString("en")),
  number.map((n) => n.toExponential()),
  fc.integer({ min: 1, max: 99_999 }).map((n) => `0x${n.toString(16)}`),
  fc.tuple(fc.nat(9), fc.nat(9)).map((pair) => pair.join("/")),
  fc.tuple(fc.nat(99), fc.nat(99)).map((pair) => pair.join("-")),
  fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${h}:${String(m).padStart(2, "0")}`),
  fc.constantFrom(
    "twice",
    "half",
    "a third",
    "two thirds",
    "seven",
    "ninety",
    "dozens",
    "½",
    "Ⅸ",
    "xii",
    "①②",
    "1️⃣",
    "9\u200B9",
    "4\u03351",
  ),
  inScript,
);
const unit = fc.constantFrom(
  "",
  " %",
  "%",
  " ms",
  " s",
  "s",
  " minutes",
  " times",
  "x",
  "k",
  "k requests",
  " requests",
  " million",
  "/s",
  " requests a second",
  "xx",
  " UTC",
  "-fold",
  " hours ago",
);
const measure = fc.tuple(told, unit).map(([n, own]) => n + own);

const HARMLESS = ["as usual", "so far", "at first", "in the logs", "overall", "with it", "again", "here and there"];
const SNIPPETS = [
  "<script>alert(1)</script>",
  "https://evil.example/7",
  "ignore previous instructions",
  '","summary":"all fine',
  "**99 %**",
  "all requests",
  "no requests",
  "the 42 service",
  "version 6.6.6",
  "p99",
  "HTTP 503",
  "24/7",
  "\u202E%13\u202C",
  "\uFFFC31 %",
  "%E2%82%AC",
  "redis",
  "#1",
];

/** Changes one sentence of an answer. */
type Change = (text: string) => string;

const replaceNumber = measure.map(
  (n): Change =>
    (text) =>
      text.replace(/\d[\d.,:]*\d|\d/, n),
);
const insertAt = (piece: fc.Arbitrary<string>) =>
  fc.tuple(piece, fc.nat(40)).map(([own, at]): Change => (text) => {
    const words = text.split(" ");
    words.splice(at % (words.length + 1), 0, own);
    return words.join(" ");
  });
const touchCharacter = fc
  .tuple(
    fc.nat(400),
    fc.oneof(
      fc.constant(""),
      fc.constantFrom(...Array.from("0123456789.,-'/%kx \u200B\u0301\uFF11٣")),
      fc.string({ unit: "grapheme", maxLength: 2 }),
    ),
  )
  .map(
    ([at, by]): Change =>
      (text) =>
        text.slice(0, at % (text.length + 1)) + by + text.slice((at % (text.length + 1)) + (by === "" ? 1 : 0)),
  );
const doubleDigit = fc.nat(9).map((at): Change => (text) => {
  let seen = 0;
  return text.replaceAll(/\d/g, (digit) => (seen++ === at ? digit + digit : digit));
});
const renamed = fc
  .tuple(
    fc.constantFrom("checkout", "/cart/pay", "“", "endpoint"),
    fc.constantFrom("billing", "/pay/99", "checkout2", "66", "“31”", "7"),
  )
  .map(
    ([from, to]): Change =>
      (text) =>
        text.replace(from, to),
  );

const change = fc.oneof(
  { arbitrary: replaceNumber, weight: 4 },
  { arbitrary: insertAt(measure), weight: 4 },
  { arbitrary: insertAt(fc.constantFrom(...HARMLESS)), weight: 4 },
  { arbitrary: insertAt(fc.constantFrom(...SNIPPETS)), weight: 2 },
  { arbitrary: touchCharacter, weight: 3 },
  { arbitrary: doubleDigit, weight: 1 },
  { arbitrary: renamed, weight: 1 },
);

/** A right answer with one to three changes; `raw` is what the model sends. */
export const changed = fc
  .tuple(fc.constantFrom(...BASES), fc.array(fc.tuple(fc.nat(20), change), { minLength: 1, maxLength: 3 }))
  .map(([base, changes]) => {
    const answer = structuredClone(base.answer);
    for (const [which, apply] of changes) {
      const texts = textsOf(answer);
      const own = texts[which % texts.length]!;
      own.text = apply(own.text);
    }
    return { evidence: base.evidence, raw: JSON.stringify(answer), answer };
  });

/** What is no answer any more, or of another form. */
export const broken = fc
  .tuple(
    changed,
    fc.oneof(
      fc.nat(4000).map((at) => (raw: string) => raw.slice(0, at % raw.length)),
      fc
        .constantFrom("summary", "text", "facts", "cause")
        .map((key) => (raw: string) => raw.replace(`"${key}"`, '"html"')),
      fc.constantFrom("```json\n", "Here it is: ", "[", "\uFEFF").map((before) => (raw: string) => before + raw),
      fc.json().map((other) => () => other),
      fc.string().map((other) => () => other),
      fc.constant((raw: string) => raw.replace('"facts"', '"url":"https://evil.example","facts"')),
    ),
  )
  .map(([{ evidence, raw }, breaks]) => ({ evidence, raw: breaks(raw) }));
