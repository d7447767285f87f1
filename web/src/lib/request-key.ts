/** A key for what is made, so that it is made once however often it has to be sent. */

/** 32 hex digits. Not crypto.randomUUID, which a page that came over plain http lacks. */
export function requestKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
