/** The bytes that JSON, times and numbers are made of, and how they become text. */

export const TAB = 9;
export const NEWLINE = 10;
export const RETURN = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const PLUS = 43;
export const COMMA = 44;
export const MINUS = 45;
export const POINT = 46;
export const DIGIT_0 = 48;
const DIGIT_9 = 57;
export const COLON = 58;
export const UPPER_E = 69;
export const UPPER_Z = 90;
export const OPEN_BRACKET = 91;
export const BACKSLASH = 92;
export const CLOSE_BRACKET = 93;
export const UNDERSCORE = 95;
export const LOWER_E = 101;
export const OPEN_BRACE = 123;
export const CLOSE_BRACE = 125;
export const TILDE = 126;

export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The text of at most a few thousand bytes of ASCII. Half the price of a TextDecoder's call, and of adding up characters. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  const codes: number[] = [];
  for (let at = start; at < end; at += 1) {
    codes.push(bytes[at]!);
  }
  return String.fromCharCode(...codes);
}

/** True where `expected` stands at `at`. */
export function matchesAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  if (at + expected.length > bytes.length) {
    return false;
  }
  for (let i = 0; i < expected.length; i += 1) {
    if (bytes[at + i] !== expected[i]) {
      return false;
    }
  }
  return true;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9;
}
