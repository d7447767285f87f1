/** Mints the links of a message by which its reader acts on an incident; worker/ checks them. */
import { ACT_LINK_LIFE_MS, type ActClaim, LINK_ACTS, MINTING } from "../domain/act-link.ts";
import { toBase64 } from "../domain/base64.ts";
import { derivedKey } from "../domain/derived-key.ts";
import type { ActLinks } from "../domain/notification.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";

export type ActLinkSubject = Pick<ActClaim, "service" | "incident_id" | "subscription">;

/** Null without a PUBLIC_URL or a SUBSCRIPTION_KEY. */
export type ActLinkMint = (subject: ActLinkSubject, now_ms: number) => Promise<ActLinks | null>;

export function actLinkMint(public_url: string | undefined, secret: string | null): ActLinkMint {
  if (!public_url || secret === null) return () => Promise.resolve(null);
  let key: Promise<CryptoKey> | undefined;
  const base = public_url.replace(/\/+$/, "");
  return async (subject, now_ms) => {
    key ??= derivedKey(crypto.subtle, secret, MINTING);
    const own = await key;
    const expires_at = formatRfc3339(now_ms + ACT_LINK_LIFE_MS);
    const { service, incident_id, subscription } = subject;
    const link = async (act: ActClaim["act"]): Promise<string> => {
      const claim: ActClaim = { service, incident_id, act, subscription, expires_at };
      const body = base64url(new TextEncoder().encode(JSON.stringify(claim)));
      const signature = await crypto.subtle.sign("HMAC", own, new TextEncoder().encode(body));
      return `${base}/act/${body}.${base64url(new Uint8Array(signature))}`;
    };
    const [acknowledge, snooze, false_positive] = await Promise.all(LINK_ACTS.map(link));
    return { acknowledge: acknowledge!, snooze: snooze!, false_positive: false_positive! };
  };
}

function base64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
