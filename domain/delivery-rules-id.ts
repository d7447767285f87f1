/** Names of lines and messages, which follow from what they are about: whoever makes one again makes the same. */

import type { IncidentState } from "./delivery-rules-state.ts";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const ID_LENGTH = 22;

/**
 * What a message is for: the same change may be withheld from one and told in another. The number is that of a repetition, of
 * which there may be several after one change.
 */
export type MessagePurpose = "message" | "digest" | "caught_up" | `${"repeated" | "digest"}:${number}`;

export function lineId(subscription_id: string, incident_id: string, seq: number): string {
  return `${subscription_id}:${incident_id}:${seq}`;
}

/** Of the event that a line is about; the line is none of a repetition. */
export function seqOf(line_id: string): number {
  return Number(line_id.slice(line_id.lastIndexOf(":") + 1));
}

/** `msg_` and 22 characters of base64url: 128 bits over the subscription and the first change that the message tells. */
export function messageId(
  subscription_id: string,
  purpose: MessagePurpose,
  { incident_id, unsent }: Pick<IncidentState, "incident_id" | "unsent">,
  seq: number,
): string {
  let bits = 0n;
  for (const word of hash128(`${subscription_id} ${purpose} ${incident_id} ${seq}${unsent === 0 ? "" : ` ${unsent}`}`))
    bits = (bits << 32n) | BigInt(word);
  let text = "";
  for (let i = 0; i < ID_LENGTH; i += 1) {
    text = BASE64URL[Number(bits & 63n)]! + text;
    bits >>= 6n;
  }
  return `msg_${text}`;
}

/**
 * Four words that each depend on the whole text (the mixing of MurmurHash3, A. Appleby, in four lanes that feed each other): an id has
 * to be unique, not secret, and domain/ has no cryptography.
 */
function hash128(text: string): readonly number[] {
  let [a, b, c, d] = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 597399067) ^ (b >>> 15);
    b = Math.imul(b ^ unit, 2869860233) ^ (c >>> 13);
    c = Math.imul(c ^ unit, 951274213) ^ (d >>> 14);
    d = Math.imul(d ^ unit, 2716044179) ^ (a >>> 16);
  }
  const words = [a ^ b, b ^ c, c ^ d, d ^ Math.imul(a, 5) ^ text.length].map(finish);
  const all = words.reduce((sum, word) => (sum + word) | 0, 0);
  return words.map((word, lane) => finish(word + Math.imul(all, lane * 2 + 1)));
}

function finish(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
