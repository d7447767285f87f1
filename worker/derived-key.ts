/** The secret of subscriptions, and the keys that come from it (domain/derived-key.ts). */
import { derivedKey, type KeyUse } from "../domain/derived-key.ts";
import type { Env } from "./env.ts";
import { problem } from "./problem.ts";

const KEY_LENGTH_MIN = 32;

/** The newest key of each purpose and use: a file of a thousand subscriptions opens and seals a thousand targets. */
const remembered = new Map<string, { readonly secret: string; readonly key: Promise<CryptoKey> }>();

export function rememberedKey(secret: string, use: KeyUse): Promise<CryptoKey> {
  const name = `${use.purpose} ${use.usage}`;
  const known = remembered.get(name);
  if (known?.secret === secret) return known.key;
  const key = derivedKey(crypto.subtle, secret, use);
  remembered.set(name, { secret, key });
  return key;
}

const NO_KEY =
  `SUBSCRIPTION_KEY: must be set, at least ${KEY_LENGTH_MIN} random characters, so that targets can be stored encrypted: ` +
  "`npm start` writes one to .dev.vars (deployed: `npx wrangler secret put SUBSCRIPTION_KEY`).";

/** The secret, or the 503 that says what to set. */
export function subscriptionKey(env: Pick<Env, "SUBSCRIPTION_KEY">): string | Response {
  const key = (env.SUBSCRIPTION_KEY ?? "").trim();
  return key.length >= KEY_LENGTH_MIN ? key : problem(503, "no_key", NO_KEY);
}

/** What to set, in one sentence; null where the secret is there. */
export function missingKey(env: Pick<Env, "SUBSCRIPTION_KEY">): string | null {
  return subscriptionKey(env) instanceof Response ? NO_KEY : null;
}
