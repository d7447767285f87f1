/**
 * Bytes as text. D1 takes and gives a BLOB inside JSON only as an array of numbers (about four characters a byte); SQLite's
 * own hex() and unhex() need two. Everywhere else bytes travel as base64.
 */

/** Upper-case hex digits of bytes in base64. Throws where `text` is no base64. */
export function hexOfBase64(text: string): string {
  const bytes = atob(text);
  let hex = "";
  for (let at = 0; at < bytes.length; at += 1) {
    hex += HEX[bytes.charCodeAt(at)]!;
  }
  return hex;
}

/** Base64 of bytes in hex digits, an even number of them. */
export function base64OfHex(hex: string): string {
  let bytes = "";
  for (let at = 0; at < hex.length; at += 2) {
    bytes += String.fromCharCode(Number.parseInt(hex.slice(at, at + 2), 16));
  }
  return btoa(bytes);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0").toUpperCase());
