/** Targets are stored under AES-256-GCM alone: sealed here, and opened here and where they are sent from (durable-objects/open-target.ts). */
import { toBase64 } from "../domain/base64.ts";
import type { Target } from "../domain/target.ts";
import { derivedKey } from "./derived-key.ts";

const PURPOSE = "faultline targets, version 1";
const NONCE_BYTES = 12;

/** What was sealed with another key, or is damaged. */
export class SealedForGood extends Error {
  override readonly name = "SealedForGood";
}

/** Base64 of a new nonce and the ciphertext. */
export async function sealTarget(target: Target, secret: string): Promise<string> {
  const key = await derivedKey(secret, PURPOSE, { name: "AES-GCM", length: 256 }, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const plain = new TextEncoder().encode(JSON.stringify(target));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain));
  const bytes = new Uint8Array(iv.length + sealed.length);
  bytes.set(iv);
  bytes.set(sealed, iv.length);
  return toBase64(bytes);
}

/** @throws SealedForGood */
export async function unsealTarget(sealed: string, secret: string): Promise<Target> {
  const key = await derivedKey(secret, PURPOSE, { name: "AES-GCM", length: 256 }, ["decrypt"]);
  try {
    const bytes = Uint8Array.from(atob(sealed), (character) => character.charCodeAt(0));
    const iv = bytes.subarray(0, NONCE_BYTES);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.subarray(NONCE_BYTES));
    return JSON.parse(new TextDecoder().decode(plain)) as Target;
  } catch (cause) {
    throw new SealedForGood("the target was sealed with another SUBSCRIPTION_KEY", { cause });
  }
}
