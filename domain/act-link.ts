/**
 * Links by which who reads a message acts on its incident (worker/ checks what the Subscription's object minted). A token is
 * `base64url(JSON of ActClaim).base64url(HMAC-SHA256 over the first part)`, both without padding.
 */
import type { KeyUse } from "./derived-key.ts";

export const LINK_ACTS = ["acknowledge", "snooze", "false_positive"] as const;
export type LinkAct = (typeof LINK_ACTS)[number];

export interface ActClaim {
  readonly service: string;
  readonly incident_id: string;
  readonly act: LinkAct;
  /** The name of the subscription whose message carries the link: who acts is `link of subscription NAME`. */
  readonly subscription: string;
  /** RFC 3339. */
  readonly expires_at: string;
}

export const ACT_LINK_LIFE_MS = 24 * 3_600_000;

const ACT_LINKS = {
  purpose: "faultline act links, version 1",
  algorithm: { name: "HMAC", hash: "SHA-256" },
} as const;
/** How the keys of these links come from SUBSCRIPTION_KEY (derived-key.ts). */
export const MINTING: KeyUse = { ...ACT_LINKS, usage: "sign" };
export const CHECKING: KeyUse = { ...ACT_LINKS, usage: "verify" };
