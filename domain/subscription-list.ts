/** What `GET /v1/subscriptions` gives. */
import type { Page } from "./resource.ts";
import type { SubscriptionItem } from "./subscription.ts";

export interface SubscriptionList extends Page<SubscriptionItem> {
  /** What to set before anything can be stored, in one sentence with its command in backquotes; null where nothing is missing. */
  readonly no_key: string | null;
}
