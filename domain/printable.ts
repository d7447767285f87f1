/** What counts as printable in the names that events bring: text a person can be shown as it stands. */

/**
 * Not printable are control characters (C0, DEL, C1), line and paragraph separators, halves of surrogate pairs, and the
 * controls of writing direction, which could make one endpoint read as another. Unassigned and other invisible characters are let
 * through: which they are changes with the runtime's Unicode tables, and a verdict on an event must not.
 */
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]+$/u;

/** True for 1 to `length_max` printable characters (code points). */
export function isPrintable(text: string, length_max: number): boolean {
  if (text.length <= length_max && isPrintableAscii(text)) {
    return text.length > 0;
  }
  // A code point is at most two UTF-16 units: this keeps the exact count away from text of megabytes.
  if (text.length === 0 || text.length > 2 * length_max || !PRINTABLE.test(text)) {
    return false;
  }
  return text.length <= length_max || Array.from(text).length <= length_max;
}

/** Nearly every name is, and an expression with Unicode classes costs several times as much. */
function isPrintableAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) {
      return false;
    }
  }
  return true;
}
