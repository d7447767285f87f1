/** Seals targets for storage, and opens them where an administrator changes one (domain/sealed-target.ts). */
import { NONCE_BYTES, decryptedTarget, OPENING, encryptedTarget, SEALING } from "../domain/sealed-target.ts";
import type { Target } from "../domain/target.ts";
import { rememberedKey } from "./derived-key.ts";

/** What was sealed with another key, or is damaged. */
export class SealedForGood extends Error {
  override readonly name = "SealedForGood";
}

/** Base64 of a new nonce and the ciphertext. */
export async function sealTarget(target: Target, secret: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  return encryptedTarget(crypto.subtle, await rememberedKey(secret, SEALING), nonce, target);
}

/** @throws SealedForGood */
export async function unsealTarget(sealed: string, secret: string): Promise<Target> {
  const key = await rememberedKey(secret, OPENING);
  try {
    return await decryptedTarget(crypto.subtle, key, sealed);
  } catch (cause) {
    throw new SealedForGood("the target was sealed with another SUBSCRIPTION_KEY", { cause });
  }
}
