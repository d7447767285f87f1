/** Numbers told in words: `two minutes`, `a third`, `twice`, `an hour`, `all requests`. */
import { scaleAfter, type ToldNumber, type ToldUnit } from "./told-number.ts";

const NUMBERS = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
] as const;

/** `one` alone is mostly no number: `one of`, `this one`, `no one`; `only seven` and `seven of` always are. */
const NUMBER = new RegExp(
  `\\b(?!(?<=\\b(?:no|this|that|the|another|which|each|every|other|only) )one\\b|one(?: of| another)\\b)(${NUMBERS.join("|")})\\b(?![- ](?:third|quarter|half)s?\\b)`,
  "gi",
);

/** Words for numbers that are to be digits, and amounts that nobody counted. */
const VAGUE =
  /(?<!\d )\b(?:hundred|thousand|million|billion)s?\b|\b(?:thir|four|fif|six|seven|eigh|nine)teen\b|\b(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?\b|\b(?:dozens?|scores? of|a score|couple|handfuls?|umpteen|minus|orders? of magnitude|midnight|noon|midday|o['’]clock)\b|\b(?:percentage )?points?\b(?= (?:above|below|higher|lower|more|less|over|up|down))|\bpercentage points?\b|\bevery (?:second|third|fourth|fifth|tenth) (?:requests?|calls?|responses?|users?|customers?)\b|\b(?:yesterday|tonight|(?:last|this) (?:night|morning|afternoon|evening|week|year))\b/gi;

const FRACTIONS: Readonly<Record<string, number>> = {
  half: 1 / 2,
  halves: 1 / 2,
  third: 1 / 3,
  quarter: 1 / 4,
  fifth: 1 / 5,
  sixth: 1 / 6,
  tenth: 1 / 10,
  twentieth: 1 / 20,
};
/** `third` alone is an order, `a third` and `third of` are not; half always is a half. */
const FRACTION =
  /\b(?:(an?|one|two|three|four) )?(half|halves|third|quarter|fifth|sixth|tenth|twentieth)(s?)\b(?!-party)( of| an?\b)?/gi;
/** How the latency of a service is told (sentence.ts). */
const SLOWEST = /\bslowest twentieth\b/gi;

const TIMES: Readonly<Record<string, number>> = {
  twice: 2,
  thrice: 3,
  double: 2,
  doubled: 2,
  doubles: 2,
  doubling: 2,
  triple: 3,
  tripled: 3,
  triples: 3,
  tripling: 3,
  treble: 3,
  quadruple: 4,
  quadrupled: 4,
  halved: 1 / 2,
  twofold: 2,
  threefold: 3,
  fourfold: 4,
  fivefold: 5,
  sixfold: 6,
  tenfold: 10,
};
const TIMES_WORD = new RegExp(`\\b(${Object.keys(TIMES).join("|")})s?\\b(?![- ]check)`, "gi");

/** `a minute ago`; not `requests a minute`, where it is a rate's. */
const ONE_OF_TIME = /\b(an?) (second|minute|hour|day|week)\b/gi;
const RATE_BEFORE = /\b(?:requests?|calls?|errors?|failures?|events?|responses?|times|once|twice|rate|\d) $/i;

/** The part of requests that these words tell. */
const WHOLE =
  /\b(all|every|each|any and all|none|no)\b(?: (?:of|the|its|their|single|incoming|other))* (?:requests?|traffic|calls?|responses?|users?|customers?)\b/gi;
const MOST =
  /\b(?:most|majority)\b(?: (?:of|the|its|these|those|failed|failing|slow))* (?:requests?|traffic|calls?|responses?|failures|errors)\b/gi;

/** `one endpoint carries it`: where a fact tells of one. */
const ONLY_ONE = /\b(?:one|1) (?:other |single )?(endpoint|service)\b/gi;

/** Told without a number: a part of requests, or that there is one endpoint, one other service. */
export type Quantity = "all" | "none" | "most" | "endpoint" | "neighbour";

export type WordNumber = ToldNumber & { readonly quantity?: Quantity };

export interface ToldWords {
  readonly numbers: readonly WordNumber[];
  /** To be told in digits, or not at all. */
  readonly vague: readonly string[];
}

const SHARE_DIGIT = 0.01;

/** `text`: as toldNumbers has it. */
export function toldWords(text: string): ToldWords {
  // Words that are taken are blanked, so that `two thirds` is not a `two` besides. The length stays, and with it each place.
  let rest = text.replaceAll(SLOWEST, (phrase) => " ".repeat(phrase.length));
  const numbers: WordNumber[] = [];
  const take = (pattern: RegExp, toldOf: (match: RegExpExecArray) => WordNumber | null) => {
    for (const match of rest.matchAll(pattern)) {
      const told = toldOf(match);
      if (told === null) continue;
      numbers.push(told);
      rest = rest.slice(0, match.index) + " ".repeat(match[0].length) + rest.slice(match.index + match[0].length);
    }
  };
  const vague = [...rest.matchAll(VAGUE)].map(([word]) => word);
  rest = rest.replaceAll(VAGUE, (word) => " ".repeat(word.length));
  take(ONLY_ONE, (match) => quantity(match, /^s/i.test(match[1]!) ? "neighbour" : "endpoint"));
  take(WHOLE, (match) => quantity(match, /^no/i.test(match[1]!) ? "none" : "all"));
  take(MOST, (match) => quantity(match, "most"));
  take(FRACTION, fraction);
  take(TIMES_WORD, (match) => plain(match, TIMES[match[1]!.toLowerCase()]!, "times", 0.05));
  take(ONE_OF_TIME, (match) => (RATE_BEFORE.test(text.slice(0, match.index)) ? null : measured(match, 1, text)));
  take(NUMBER, (match) => measured(match, NUMBERS.indexOf(match[1]!.toLowerCase() as (typeof NUMBERS)[number]), text));
  return { numbers, vague };
}

function plain(match: RegExpExecArray, value: number, unit: ToldUnit, half: number): WordNumber {
  return { text: match[0].trim(), value, unit, half, at: match.index, end: match.index + match[0].length };
}

function quantity(match: RegExpExecArray, of: Quantity): WordNumber {
  const value = { all: 1, none: 0, most: 0.5, endpoint: 1, neighbour: 1 }[of];
  return { ...plain(match, value, "share", SHARE_DIGIT / 2), quantity: of };
}

/** A share told to the percent; of a duration where one follows (`half an hour`). */
function fraction(match: RegExpExecArray): WordNumber | null {
  const [whole, count, word = "", plural, after] = match;
  const is_half = /^hal/i.test(word);
  if (count === undefined && after === undefined && plural === "" && !is_half) return null;
  const counted = NUMBERS.indexOf((count ?? "one").toLowerCase() as (typeof NUMBERS)[number]);
  const value = Math.max(1, counted) * FRACTIONS[word.toLowerCase()]!;
  const duration = /^(?:second|minute|hour|day)/i.exec(match.input.slice(match.index + whole.length).trimStart());
  const isOfTime = duration !== null && / an?$/i.test(after ?? "");
  const scale = isOfTime ? scaleAfter(` ${duration[0].toLowerCase()}`).scale : null;
  if (scale === null) return plain(match, value, "share", SHARE_DIGIT / 2);
  return plain(match, value * scale.factor, "s", (scale.factor * value) / 20);
}

/** A whole number with the unit that follows it, or is its own second word. */
function measured(match: RegExpExecArray, count: number, text: string): WordNumber {
  const [, , unit_word] = match;
  const end = match.index + match[0].length;
  const after = unit_word === undefined ? text.slice(end) : ` ${unit_word.toLowerCase()}`;
  const { scale, length } = scaleAfter(after);
  const factor = scale?.factor ?? 1;
  return {
    text: unit_word === undefined ? text.slice(match.index, end + length) : match[0],
    value: count * factor,
    unit: scale?.unit ?? "bare",
    half: 0.5 * factor,
    at: match.index,
    end: end + (unit_word === undefined ? length : 0),
  };
}
