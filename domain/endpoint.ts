/** The name under which an endpoint is counted: without its query string, with the ids in its path replaced. */
import { isPrintable } from "./printable.ts";

export const ENDPOINT_LENGTH_MAX = 200;

/** What stands for an id. */
const ID = ":id";

const SLASH = 47;

/** What a segment can still be after a character; a bit each. */
const NUMBER = 1;
const HEX_HASH = 2;
const ULID = 4;
const UUID = 8;

/** From a character's code (ASCII) to the kinds of id it can stand in. ULIDs are in Crockford's base 32: github.com/ulid/spec. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code).toLowerCase();
  const kinds: readonly [RegExp, number][] = [
    [/[0-9]/, NUMBER],
    [/[0-9a-f]/, HEX_HASH],
    [/[0-9a-hjkmnp-tv-z]/, ULID],
    [/[0-9a-f-]/, UUID],
  ];
  return kinds.reduce((bits, [chars, kind]) => (chars.test(char) ? bits | kind : bits), 0);
});

/** Shorter hexadecimal text is as likely a word with a number. */
const HEX_HASH_LENGTH_MIN = 8;
const ULID_LENGTH = 26;
const ULID_FIRST_MAX = "7";
const UUID_FORM = /^[^-]{8}-[^-]{4}-[^-]{4}-[^-]{4}-[^-]{12}$/;

/**
 * The template of an endpoint, as in `/users/42?full=1` -> `/users/:id`, or null where the endpoint breaks the rule.
 *
 * Query string and fragment are cut first, and the rule of 1 to 200 printable characters holds for what remains, so that a
 * long query string costs nobody an event. An endpoint of nothing but a query string is `/`; an empty one breaks the rule. Segments of
 * the path (between slashes) that are whole numbers, UUIDs, hexadecimal hashes or ULIDs become `:id`, case and all else stay. `/1`
 * grows to `/:id`, so a template has at most 400 characters.
 */
export function templateEndpoint(raw: string): string | null {
  const path = cutQuery(raw);
  if (path === "" && raw !== "") {
    return "/";
  }
  return isPrintable(path, ENDPOINT_LENGTH_MAX) ? replaceIds(path) : null;
}

function cutQuery(raw: string): string {
  const query = raw.indexOf("?");
  const fragment = raw.indexOf("#");
  const cut = query < 0 ? fragment : fragment < 0 ? query : Math.min(query, fragment);
  return cut < 0 ? raw : raw.slice(0, cut);
}

/** Written without regular expressions or lists: a topic with an id in each endpoint comes here with every event. */
function replaceIds(path: string): string {
  let template = "";
  let copied_to = 0;
  let start = 0;
  for (let at = 0; at <= path.length; at += 1) {
    if (at < path.length && path.charCodeAt(at) !== SLASH) {
      continue;
    }
    if (isId(path, start, at)) {
      template += path.slice(copied_to, start) + ID;
      copied_to = at;
    }
    start = at + 1;
  }
  return copied_to === 0 ? path : template + path.slice(copied_to);
}

/** Judges the segment from `start` to before `end`. */
function isId(path: string, start: number, end: number): boolean {
  let kinds = NUMBER | HEX_HASH | ULID | UUID;
  let has_digit = false;
  for (let at = start; at < end; at += 1) {
    const of_char = KINDS[path.charCodeAt(at)] ?? 0;
    has_digit ||= (of_char & NUMBER) !== 0;
    kinds &= of_char;
    if (kinds === 0) {
      return false;
    }
  }
  const length = end - start;
  if (length === 0) {
    return false;
  }
  if ((kinds & NUMBER) !== 0) {
    return true;
  }
  if ((kinds & HEX_HASH) !== 0) {
    // `deadbeef` and `defaced` are words: a hash of this length nearly always has a decimal digit.
    return length >= HEX_HASH_LENGTH_MIN && has_digit;
  }
  if ((kinds & ULID) !== 0) {
    return length === ULID_LENGTH && path[start]! <= ULID_FIRST_MAX;
  }
  // What is left has hexadecimal digits and hyphens only.
  return UUID_FORM.test(path.slice(start, end));
}
