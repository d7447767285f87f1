/**
 * Names in a text: which parts of it are names of the evidence, as they stand, and which are prose. Names are text of events and may
 * be anything ("99", "all fine", a half sentence), so one that could be read as prose counts as a name between quotes alone.
 */
import type { Evidence } from "./evidence.ts";
import { quoted } from "./fact-words.ts";

export interface KnownName {
  readonly name: string;
  /** Stands for itself without quotes. */
  readonly plain: boolean;
}

export type Part =
  | { readonly kind: "prose"; readonly text: string }
  /** `shown`: with the quotes that it stands in. */
  | { readonly kind: "name"; readonly name: string; readonly shown: string };

/** A path that nobody reads as a fraction, and no sentence fits in. */
const PLAIN_PATH = /^\/(?=.*[A-Za-z])[A-Za-z0-9/_.:{}*-]*$/;
const PLAIN_WORD = /^[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)*$/;
/** A version with two dots is no number. */
const PLAIN_VERSION = /^v?\d+(\.\d+){2,}([-+][A-Za-z0-9.]+)?$/;
/** Words that say how many, or that it may be so: a service of such a name must not lend it to a sentence, nor take it away. */
const MEANT_WORD =
  /^(zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundreds?|thousands?|millions?|billions?|dozens?|\w+fold|half|halves|halved|thirds?|quarters?|fifths?|tenths?|twice|thrice|doubled?|tripled?|quadrupled?|all|no|none|every|most|majority|nothing|couple|an?|not|may|might|could)$/i;
/** Letters that make a number of the digit before them, or a number of themselves. */
const UNIT_WORD = /^(k|m|x|s|ms|h|d|min|mins|seconds?|minutes?|hours?|days?|times|percent|pct|[ivxlcdm]+)$/i;

function isPlain(name: string): boolean {
  if (PLAIN_PATH.test(name) || PLAIN_VERSION.test(name)) return true;
  return PLAIN_WORD.test(name) && name.length > 1 && !MEANT_WORD.test(name) && !UNIT_WORD.test(name);
}

/** A service as sentences name it: in quotation marks where its bare name (`second`, `ci`, `42`) would read as prose. */
export function serviceName(service: string): string {
  return isPlain(service) ? service : quoted(service);
}

/** With the forms in which facts shorten them. The longest first, so that `/pay/all` is not taken for `/pay`. */
export function knownNames(evidence: Evidence): readonly KnownName[] {
  const { endpoint } = evidence.subject;
  const whole = [evidence.service, ...evidence.facts.flatMap((fact) => fact.names)];
  if (endpoint !== null) whole.push(endpoint);
  const names = new Set([...whole, ...whole.map((name) => quoted(name).slice(1, -1))]);
  return [...names]
    .filter((name) => name !== "")
    .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map((name) => ({ name, plain: isPlain(name) }));
}

const QUOTES: Readonly<Record<string, string>> = { '"': '"', "'": "'", "`": "`", "“": "”", "‘": "’" };

const BEFORE = /[\s(—–]$|^$/;
/** What may follow a name: the end of a word, of a clause or of the sentence. */
const AFTER = /^(?:$|[\s,;:!?)—–]|\.(?:\s|$)|['’]s(?![A-Za-z]))/;
/** A number in quotes is a name where the words beside it say so, and never where it would count something. */
const NUMERIC = /^[\s\d.,:%+-]+$/;
const KIND_BEFORE =
  /\b(?:(?:version|release|build|deploy|deployment|service|endpoint) (?:of |to |from )?|(?:in place|instead) of |(?:came after|replaced) |(?:incident|request|endpoints|processes|logs|traces|runbook|load|jobs|that) of )$/i;
const VERB_AFTER =
  /^(?:$|[.,;:!?)]|['’]s\b| (?:changed|came|comes|was|is|has|had|in place of|replaced|went|brought|began|before|after|alone|instead)\b)/;
const COUNTED_AFTER =
  /^ ?(?:%|[\d×]|(?:percent|per|of|ms|s|min|h|k|x|times|seconds?|minutes?|hours?|days?|thousand|million|requests?|errors?|calls?)\b)/i;

/** `version 17` needs no quotes. */
const VERSION_BEFORE = /\b(?:version|release|build) $/i;

function isNumberHere(name: string, before: string, after: string): boolean {
  if (!NUMERIC.test(name)) return false;
  return COUNTED_AFTER.test(after) || !(KIND_BEFORE.test(before) || VERB_AFTER.test(after));
}

/** Backticks become quotation marks: markup is not shown. Adjoining prose is one part. */
export function partsOf(text: string, names: readonly KnownName[]): readonly Part[] {
  const parts: Part[] = [];
  let prose_from = 0;
  for (let at = 0; at < text.length;) {
    const found = nameAt(text, at, names);
    if (found === null) {
      at += 1;
      continue;
    }
    if (at > prose_from) parts.push({ kind: "prose", text: text.slice(prose_from, at) });
    parts.push(found.part);
    at += found.length;
    prose_from = at;
  }
  if (prose_from < text.length) parts.push({ kind: "prose", text: text.slice(prose_from) });
  return parts;
}

function nameAt(text: string, at: number, names: readonly KnownName[]): { part: Part; length: number } | null {
  const before = text.slice(0, at);
  if (!BEFORE.test(before)) return null;
  const closing = QUOTES[text[at]!];
  for (const { name, plain } of names) {
    if (closing !== undefined && isHeldBy(name, text[at]!) && text.startsWith(`${name}${closing}`, at + 1)) {
      const length = name.length + 2;
      const after = text.slice(at + length);
      const is_name = AFTER.test(after) && (plain || !isNumberHere(name, before, after));
      if (is_name) return { part: inQuotes(name, text[at]!, closing), length };
    }
    const isBare =
      plain || (NUMERIC.test(name) && VERSION_BEFORE.test(before) && !COUNTED_AFTER.test(text.slice(at + name.length)));
    if (isBare && startsWithName(text, at, name) && AFTER.test(text.slice(at + name.length))) {
      const shown = text.slice(at, at + name.length);
      return { part: { kind: "name", name, shown }, length: name.length };
    }
  }
  return null;
}

/** At the start of a sentence a name may have a capital. */
function startsWithName(text: string, at: number, name: string): boolean {
  return text.startsWith(name, at) || (text[at] === name[0]!.toUpperCase() && text.startsWith(name.slice(1), at + 1));
}

/** A name that has the quotes themselves would end them, and what follows in it would read as prose. */
function isHeldBy(name: string, opening: string): boolean {
  return opening === "`" ? !/[`“”]/u.test(name) : !name.includes(opening) && !name.includes(QUOTES[opening]!);
}

function inQuotes(name: string, opening: string, closing: string): Part {
  const shown = opening === "`" ? `“${name}”` : `${opening}${name}${closing}`;
  return { kind: "name", name, shown };
}
