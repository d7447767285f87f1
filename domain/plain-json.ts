/** Where JSON's numbers and literals end in bytes. */
import { asciiBytes, DIGIT_0, isDigit, LOWER_E, matchesAt, MINUS, PLUS, POINT, UPPER_E } from "./ascii.ts";

/** Stands for the end where a scanner gives up. */
export const UNSURE = -1;

export const NULL = asciiBytes("null");
const LITERALS = [NULL, asciiBytes("true"), asciiBytes("false")];

/** The end of the whole number without sign at `from`: zero, or digits of which the first is not zero. */
function integerEnd(bytes: Uint8Array, from: number): number {
  const end = digitsEnd(bytes, from);
  return end === from || (end > from + 1 && bytes[from] === DIGIT_0) ? UNSURE : end;
}

/** The end of a literal, or of a number of JSON's full grammar. */
export function scalarEnd(bytes: Uint8Array, from: number): number {
  for (const literal of LITERALS) {
    const end = literalEnd(bytes, from, literal);
    if (end !== UNSURE) {
      return end;
    }
  }
  const end = integerEnd(bytes, bytes[from] === MINUS ? from + 1 : from);
  if (end === UNSURE) {
    return UNSURE;
  }
  const decimals_end = end < bytes.length && bytes[end] === POINT ? digitsEnd(bytes, end + 1) : end;
  return decimals_end === end + 1 ? UNSURE : exponentEnd(bytes, decimals_end);
}

export function literalEnd(bytes: Uint8Array, at: number, literal: Uint8Array): number {
  return matchesAt(bytes, at, literal) ? at + literal.length : UNSURE;
}

/** `at` itself where no exponent starts there. */
function exponentEnd(bytes: Uint8Array, at: number): number {
  const byte = at < bytes.length ? bytes[at] : 0;
  if (byte !== LOWER_E && byte !== UPPER_E) {
    return at;
  }
  const sign = at + 1 < bytes.length ? bytes[at + 1] : 0;
  const digits_at = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
  const end = digitsEnd(bytes, digits_at);
  return end === digits_at ? UNSURE : end;
}

function digitsEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && isDigit(bytes[at])) {
    at += 1;
  }
  return at;
}
