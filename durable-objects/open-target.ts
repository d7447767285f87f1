/** Opens what worker/seal.ts sealed: a subscription's target, whose secrets are stored nowhere else. */
import type { Target } from "../domain/target.ts";
import { derivedKey } from "./derived-key.ts";

const PURPOSE = "faultline targets, version 1";
const NONCE_BYTES = 12;

/** What was sealed with another key, or is damaged; or there is no key. The words are for a person who set it up. */
class SealedForGood extends Error {
  override readonly name = "SealedForGood";
}

/**
 * `sealed`: base64 of the nonce and the ciphertext of the target's JSON; `secret`: SUBSCRIPTION_KEY, null: not set. Rejects in words
 * for a person where it cannot be opened.
 */
export async function openTarget(sealed: string, secret: string | null): Promise<Target> {
  if (secret === null) throw new SealedForGood("the Worker has no SUBSCRIPTION_KEY to open its target with");
  const key = await derivedKey(secret, PURPOSE, { name: "AES-GCM", length: 256 }, ["decrypt"]);
  try {
    const bytes = Uint8Array.from(atob(sealed), (character) => character.charCodeAt(0));
    const iv = bytes.subarray(0, NONCE_BYTES);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.subarray(NONCE_BYTES));
    return JSON.parse(new TextDecoder().decode(plain)) as Target;
  } catch (cause) {
    throw new SealedForGood("its target cannot be opened with SUBSCRIPTION_KEY: store the target again", { cause });
  }
}
