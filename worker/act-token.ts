/** Whether a link of a message is one of ours and still good: what the Subscription's object minted (domain/act-link.ts). */
import * as v from "valibot";
import { type ActClaim, CHECKING, LINK_ACTS } from "../domain/act-link.ts";
import { rememberedKey } from "./derived-key.ts";

/** A claim of names as long as they may be, and its signature; whatever is much longer is no token and not worth hashing. */
const TOKEN_LENGTH_MAX = 2_000;

const claimSchema = v.object({
  service: v.string(),
  incident_id: v.string(),
  act: v.picklist(LINK_ACTS),
  subscription: v.string(),
  expires_at: v.string(),
});

export type TokenVerdict =
  | { readonly ok: true; readonly claim: ActClaim }
  | { readonly ok: false; readonly reason: "forged" }
  | { readonly ok: false; readonly reason: "expired"; readonly claim: ActClaim };

/** `secret`: SUBSCRIPTION_KEY. */
export async function readActToken(token: string, secret: string, now_ms: number): Promise<TokenVerdict> {
  const forged = { ok: false, reason: "forged" } as const;
  const parts = /^([\w-]{1,2000})\.([\w-]{43})$/.exec(token.slice(0, TOKEN_LENGTH_MAX + 1));
  if (parts === null) return forged;
  const [, body, signature] = parts as unknown as [string, string, string];
  const key = await rememberedKey(secret, CHECKING);
  // Compared by the platform, in constant time.
  if (!(await crypto.subtle.verify("HMAC", key, bytesOf(signature), new TextEncoder().encode(body)))) return forged;
  const parsed = v.safeParse(claimSchema, JSON.parse(new TextDecoder().decode(bytesOf(body))));
  if (!parsed.success) return forged;
  const claim = parsed.output;
  return Date.parse(claim.expires_at) > now_ms ? { ok: true, claim } : { ok: false, reason: "expired", claim };
}

/** Of base64url without padding. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}
