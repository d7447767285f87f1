/** A line of a ledger, for tests that are about some of its members. */
import type { Delivery } from "../../../../domain/delivery.ts";

export function aDelivery(wanted: Partial<Delivery>): Delivery {
  return {
    id: "sub_1:checkout-1764019458-error_rate:4",
    subscription_id: "sub_1",
    subscription_name: "Team room",
    incident_id: "checkout-1764019458-error_rate",
    service: "checkout",
    change: "opened",
    status: "delivered",
    reason: null,
    detail: null,
    silence_id: null,
    message_id: "msg_1",
    event_at: "2026-11-24T10:00:00.000Z",
    heard_at: "2026-11-24T10:00:00.000Z",
    delivered_at: "2026-11-24T10:00:05.240Z",
    attempts: 1,
    http_status: 200,
    latency_ms: 40,
    revision: 2,
    ...wanted,
  };
}
