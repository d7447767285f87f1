/** The elements of a JSON array as byte ranges, so that each is judged by its own bytes. */
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "./ascii.ts";
import { UNSURE } from "./plain-json.ts";

/**
 * The index of the comma or closing bracket that ends the element which starts at `from`, or UNSURE where there is none. Only
 * strings and the depth of nesting are followed, in one pass and without recursion. Kinds of brackets are not told apart: an array
 * is well formed exactly when the ranges found by this rule are, each for itself, JSON.
 */
export function elementEnd(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = stringEnd(bytes, at + 1);
    } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      depth += 1;
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      if (depth === 0) {
        return byte === CLOSE_BRACKET ? at : UNSURE;
      }
      depth -= 1;
    } else if (byte === COMMA && depth === 0) {
      return at;
    }
  }
  return UNSURE;
}

/** The index of the closing quote; the length of the bytes where it is missing. */
function stringEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== QUOTE) {
    at += bytes[at] === BACKSLASH ? 2 : 1;
  }
  return at;
}
