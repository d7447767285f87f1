/** Secrets of a target in a text that may quote them: made unreadable, in whichever way the text writes them. */
import { isAddress, secretsOf } from "./target-view.ts";
import type { Target } from "./target.ts";

export const MASK = "…";
/** Of an answer, which may quote a part of a header or of an address: what is shorter opens nothing, and stands in any text. */
const PART_LENGTH_MIN = 8;
const VALUE_LENGTH_MIN = 4;

/** What a target answers, without what it was sent to open something: whoever reads a log may not send in its name. */
export function maskedAnswer(answer: string, target: Target): string {
  const quotable = secretsOf(target).flatMap(({ path, values }) =>
    values.flatMap((value) => (isAddress(path) ? addressParts(value) : valueParts(value))),
  );
  return withoutTexts(answer, quotable);
}

/** The texts, as they are or escaped for JSON, a form, a URL or markup; the longest first, so that no rest of it stays. */
export function withoutTexts(text: string, secrets: readonly string[]): string {
  const written = new Set(secrets.filter((secret) => secret !== "").flatMap(writings));
  const longest_first = [...written].toSorted((a, b) => b.length - a.length);
  return longest_first.reduce((left, secret) => left.replaceAll(secret, MASK), text);
}

function writings(secret: string): string[] {
  const markup = secret.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const named = secret
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
  const header = secret.replaceAll(/[^\x20-\x7e]/gu, "?");
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    markup,
    named,
    named.replaceAll("'", "&#39;"),
    header,
  ];
}

/** Also its words, as the token after `Bearer`. */
function valueParts(value: string): string[] {
  const words = value.split(/\s+/u).filter(({ length }) => length >= PART_LENGTH_MIN);
  return [...(value.length >= VALUE_LENGTH_MIN ? [value] : []), ...words];
}

/** Its path with and without the query, and what either is made of; its host is no secret. */
function addressParts(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { pathname, search, searchParams } = new URL(url);
  const whole = [`${pathname}${search}`, pathname].filter(({ length }) => length >= VALUE_LENGTH_MIN);
  const parts = [...pathname.split("/"), ...searchParams.values()].filter(({ length }) => length >= PART_LENGTH_MIN);
  return [...whole, ...parts];
}
