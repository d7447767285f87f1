/** Keys for one purpose each, from the Worker's one secret for subscriptions: HKDF-SHA256 with an empty salt. */

export type KeyAlgorithm =
  | { readonly name: "AES-GCM"; readonly length: 256 }
  | { readonly name: "HMAC"; readonly hash: "SHA-256" };

/** What a key is for. `purpose`: HKDF's `info`, different for each use. */
export interface KeyUse {
  readonly purpose: string;
  readonly algorithm: KeyAlgorithm;
  readonly usage: "encrypt" | "decrypt" | "sign" | "verify";
}

/** `subtle`: the platform's cryptography; `secret`: SUBSCRIPTION_KEY. */
export async function derivedKey(subtle: SubtleCrypto, secret: string, use: KeyUse): Promise<CryptoKey> {
  const encoder = new TextEncoder();
  const base = await subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const info = encoder.encode(use.purpose);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info };
  return subtle.deriveKey(derivation, base, { ...use.algorithm }, false, [use.usage]);
}
