/** Numbers and their units, which no line's end parts. */

/** The same words with no-break spaces between numbers and units. */
export function holdUnits(text: string): string {
  return text.replace(/(\d) (?=(?:%|ms|s|min|h|days?|times)(?![a-z]))/g, "$1\u00a0");
}
