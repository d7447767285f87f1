/** Opens a subscription's target, whose secrets are stored nowhere but sealed (domain/sealed-target.ts). */
import { derivedKey } from "../domain/derived-key.ts";
import { decryptedTarget, OPENING } from "../domain/sealed-target.ts";
import type { Target } from "../domain/target.ts";

/** What was sealed with another key, or is damaged; or there is no key. The words are for a person who set it up. */
class SealedForGood extends Error {
  override readonly name = "SealedForGood";
}

/** `secret`: SUBSCRIPTION_KEY, null: not set. Rejects in words for a person where it cannot be opened. */
export async function openTarget(sealed: string, secret: string | null): Promise<Target> {
  if (secret === null) throw new SealedForGood("the Worker has no SUBSCRIPTION_KEY to open its target with");
  const key = await derivedKey(crypto.subtle, secret, OPENING);
  try {
    return await decryptedTarget(crypto.subtle, key, sealed);
  } catch (cause) {
    throw new SealedForGood("its target was stored with another SUBSCRIPTION_KEY: give its target again", { cause });
  }
}
