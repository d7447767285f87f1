/** A subscription of a receiver of webhooks. */
import type { SubscriptionItem, SubscriptionWish } from "../../domain/subscription.ts";
import { type FaultlineServer, TOKENS } from "./faultline-server.ts";
import { WEBHOOK_SECRET } from "./webhook-receiver.ts";

/** What a server needs to be told to send to receivers on this machine. */
export const RECEIVERS_HERE = {
  SUBSCRIPTION_KEY: "e2e-subscription-key-0000000000000000",
  PUBLIC_URL: "https://faultline.example.org",
  ALLOWED_TARGETS: "127.0.0.1",
} as const;

type Wish = Partial<SubscriptionWish> & Pick<SubscriptionWish, "name" | "services">;

/** @param wish what is to be other than the defaults */
export function subscribe(server: FaultlineServer, url: string, wish: Wish): Promise<SubscriptionItem> {
  return subscribeTarget(server, { type: "webhook", url, secrets: [WEBHOOK_SECRET] }, wish);
}

/** The same of any target. */
export async function subscribeTarget(server: FaultlineServer, target: object, wish: Wish): Promise<SubscriptionItem> {
  const response = await fetch(`${server.url}/v1/subscriptions`, {
    method: "POST",
    headers: { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify({ ...wish, target }),
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  const item: SubscriptionItem = await response.json();
  return item;
}
