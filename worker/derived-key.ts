/** Keys for one purpose each, from SUBSCRIPTION_KEY: HKDF-SHA256 with an empty salt (durable-objects/derived-key.ts derives the same). */
import type { Env } from "./env.ts";
import { problem } from "./problem.ts";

const KEY_LENGTH_MIN = 32;

const encoder = new TextEncoder();

/** The newest key of each purpose and use: a file of a thousand subscriptions opens and seals a thousand targets. */
const derived = new Map<string, { readonly secret: string; readonly key: Promise<CryptoKey> }>();

type Algorithm =
  | { readonly name: "AES-GCM"; readonly length: 256 }
  | { readonly name: "HMAC"; readonly hash: "SHA-256" };
type Usages = readonly ("encrypt" | "decrypt" | "sign" | "verify")[];

/** `purpose`: HKDF's `info`, different for each use. */
export function derivedKey(secret: string, purpose: string, algorithm: Algorithm, usages: Usages): Promise<CryptoKey> {
  const use = `${purpose} ${usages.join(" ")}`;
  const known = derived.get(use);
  if (known?.secret === secret) return known.key;
  const key = deriveKey(secret, purpose, algorithm, usages);
  derived.set(use, { secret, key });
  return key;
}

async function deriveKey(secret: string, purpose: string, algorithm: Algorithm, usages: Usages): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: encoder.encode(purpose) };
  return crypto.subtle.deriveKey(derivation, base, { ...algorithm }, false, [...usages]);
}

/** The secret, or the 503 that says what to set. */
export function subscriptionKey(env: Pick<Env, "SUBSCRIPTION_KEY">): string | Response {
  const key = (env.SUBSCRIPTION_KEY ?? "").trim();
  if (key.length >= KEY_LENGTH_MIN) return key;
  const detail =
    `SUBSCRIPTION_KEY: must be set, at least ${KEY_LENGTH_MIN} random characters, so that targets can be stored encrypted: ` +
    "`npm start` writes one to .dev.vars (deployed: `npx wrangler secret put SUBSCRIPTION_KEY`).";
  return problem(503, "no_key", detail);
}
