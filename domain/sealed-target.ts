/** Targets as they are stored, under AES-256-GCM alone: base64 of the nonce and the ciphertext of the target's JSON. */
import { toBase64 } from "./base64.ts";
import type { KeyUse } from "./derived-key.ts";
import type { Target } from "./target.ts";

export const NONCE_BYTES = 12;

const TARGETS = {
  purpose: "faultline targets, version 1",
  algorithm: { name: "AES-GCM", length: 256 },
} as const;
export const SEALING: KeyUse = { ...TARGETS, usage: "encrypt" };
export const OPENING: KeyUse = { ...TARGETS, usage: "decrypt" };

/** `key`: for SEALING; `nonce`: NONCE_BYTES that were never used with it. */
export async function encryptedTarget(
  subtle: SubtleCrypto,
  key: CryptoKey,
  nonce: Uint8Array<ArrayBuffer>,
  target: Target,
): Promise<string> {
  const plain = new TextEncoder().encode(JSON.stringify(target));
  const sealed = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, plain));
  const bytes = new Uint8Array(nonce.length + sealed.length);
  bytes.set(nonce);
  bytes.set(sealed, nonce.length);
  return toBase64(bytes);
}

/** `key`: for OPENING. Rejects what was sealed with another key, or is damaged. */
export async function decryptedTarget(subtle: SubtleCrypto, key: CryptoKey, sealed: string): Promise<Target> {
  const bytes = Uint8Array.from(atob(sealed), (character) => character.charCodeAt(0));
  const iv = bytes.subarray(0, NONCE_BYTES);
  const plain = await subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.subarray(NONCE_BYTES));
  return JSON.parse(new TextDecoder().decode(plain)) as Target;
}
