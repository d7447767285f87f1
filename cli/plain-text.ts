/** How commands write numbers, times and text of others for people. */

/** With commas between thousands, whatever the machine's language. */
export function number(value: number): string {
  return value.toLocaleString("en-US");
}

export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A time in UTC to the second, as in 2026-11-24 10:00:00, from its RFC 3339. */
export function dateAndTime(rfc3339: string): string {
  return rfc3339.slice(0, 19).replace("T", " ");
}

/** Text of others may hold anything, and a terminal obeys control characters: each, and each invisible one, becomes �. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}
