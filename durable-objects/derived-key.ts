/** Keys for one purpose each, from the Worker's one secret for subscriptions: HKDF-SHA256 with an empty salt. */

/** `secret`: SUBSCRIPTION_KEY; `purpose`: HKDF's `info`, different for each use. */
export async function derivedKey(
  secret: string,
  purpose: string,
  algorithm: { readonly name: "AES-GCM"; readonly length: 256 } | { readonly name: "HMAC"; readonly hash: "SHA-256" },
  usages: readonly ("encrypt" | "decrypt" | "sign" | "verify")[],
): Promise<CryptoKey> {
  const encoder = new TextEncoder();
  const base = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: encoder.encode(purpose) };
  return crypto.subtle.deriveKey(derivation, base, { ...algorithm }, false, [...usages]);
}
