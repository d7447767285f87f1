/** Whether prose is plain: no markup, no links, no hidden characters, and no names but those that the evidence has. */
import { ACRONYMS, KINDS, MODIFIERS, PART_NAME, PRODUCT, STARTERS } from "./plain-words.ts";

/** What stands for a name in prose: it is no letter, and prose itself must not hold it. */
export const NAME_MARK = "\uFFFC";

/** After NFKC. Letters with marks, other scripts and all that is not seen are outside, digits of other scripts too. */
const NOT_PLAIN = /[^A-Za-z0-9 .,;:!?'"()%/~≈×μ–—‘’“”-]/u;
const NOT_PLAIN_ALL = new RegExp(NOT_PLAIN.source, "gu");

/** Hyphens that do not break are hyphens. Nothing else is changed beyond NFKC. */
export function normalizeProse(text: string): string {
  return text.normalize("NFKC").replaceAll(/[\u2010\u2011]/g, "-");
}

const SHOWN_MAX = 3;

/** The violation of the characters alone, or none; with it, nothing else of the text is worth reading. */
export function badCharacters(prose: string): string | null {
  const bad = [...new Set(prose.match(NOT_PLAIN_ALL))].slice(0, SHOWN_MAX);
  return bad.length === 0 ? null : `holds ${bad.map(shownCharacter).join(", ")}: plain text has no such character`;
}

function shownCharacter(character: string): string {
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  return /^[!-~]$/.test(character) ? `"${character}"` : code;
}

/** @param shown prose with NAME_MARK for each name, all of its characters plain */
export function unknownNames(shown: string): readonly string[] {
  const text = shown.replaceAll(/\b(?:e\.g|i\.e)\./g, "as");
  return [
    ...quotes(text),
    ...slashes(text),
    ...dots(text),
    ...capitals(text),
    ...[...text.matchAll(KINDS)]
      .filter(([, word = ""]) => !MODIFIERS.has(word.toLowerCase()))
      .map(([found]) => nameViolation(found)),
    ...[...text.matchAll(PART_NAME)].map(([found]) => nameViolation(found)),
    ...[...text.matchAll(PRODUCT)].map(([found]) => nameViolation(found)),
    ...loneLetters(text),
  ];
}

function nameViolation(found: string): string {
  return `"${found}" is no name of the evidence: name only its services, endpoints and versions, as they are written there`;
}

/** Between quotes stand names alone. An apostrophe is none. */
function quotes(text: string): string[] {
  const marks = text.match(/["“”]|(?<![A-Za-z0-9\uFFFC])['‘]|['’](?![A-Za-z])(?<![sS]['’])/gu);
  return marks === null ? [] : ["has quotation marks around what is no name of the evidence"];
}

const SLASH_ALLOWED = /\band\/or\b|\b(?:req|requests|errors|calls)\/s\b|(?<=\d ?)\/(?:s|sec|second|min|minute)\b/g;

function slashes(text: string): string[] {
  const found = /[^\s()]*\/[^\s()]*/.exec(text.replaceAll(SLASH_ALLOWED, ""));
  return found === null ? [] : [nameViolation(found[0])];
}

/** `api.internal`, `example.com`, and dots that are no full stop. */
function dots(text: string): string[] {
  const found = /[^\s()]*(?:\.\.|[A-Za-z\uFFFC]\.[A-Za-z0-9\uFFFC])[^\s()]*/u.exec(text);
  return found === null ? [] : [nameViolation(found[0])];
}

function capitals(text: string): string[] {
  return [...text.matchAll(/[A-Za-z][A-Za-z0-9'’-]*/g)]
    .filter(({ 0: word, index }) => /[A-Z]/.test(word) && !isPlainCapital(word, text.slice(0, index)))
    .map(([word]) => nameViolation(word));
}

function isPlainCapital(raw: string, before: string): boolean {
  const word = raw.replace(/['’]s$/, "").replace(/['’-]+$/, "");
  if (ACRONYMS.has(word)) return true;
  // Glued to a digit it is part of a number, which is judged as one.
  if (/\d$/.test(before)) return true;
  const starts = /(?:^|[.!?:;] |[.!?:;]["”’'] |[(—–] ?)$/.test(before);
  const [first = ""] = word.split(/['’-]/);
  return starts && /^[A-Z][a-z]*$/.test(first) && STARTERS.has(first.toLowerCase()) && !/[A-Z]/.test(word.slice(1));
}

/** A canonical Roman number of two letters or more. */
const ROMAN = /^m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})$/;

function loneLetters(text: string): string[] {
  return [...text.matchAll(/(?<![A-Za-z0-9'’])[a-z]+(?![A-Za-z0-9])/g)]
    .filter(({ 0: word, index }) => {
      if (word === "a" || word === "mix") return false;
      // A unit after its number, or after a slash.
      if (/[\d/] ?$/.test(text.slice(0, index))) return false;
      return word.length === 1 || ROMAN.test(word);
    })
    .map(([word]) => `"${word}" is no plain word`);
}
