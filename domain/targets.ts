/** Targets by their type: how a message becomes a request, and what an answer means. */
import type { Message, TargetForm, TargetRequest, Verdict } from "./notification.ts";
import { alertmanagerForm } from "./target-alertmanager.ts";
import { pagerDutyForm } from "./target-pagerduty.ts";
import { slackForm } from "./target-slack.ts";
import { webhookForm } from "./target-webhook.ts";
import type { Target } from "./target.ts";

const FORMS: { readonly [T in Target["type"]]: TargetForm<Extract<Target, { type: T }>> } = {
  webhook: webhookForm,
  slack: slackForm,
  pagerduty: pagerDutyForm,
  alertmanager: alertmanagerForm,
};

/**
 * The request that tells a message, of at most 20,000 bytes; null where the target has no word for it. `thread`: what the group's
 * first answer gave; `sent_ms`: the clock. Whether its address may be reached is for target-url.ts to say.
 */
export function requestOf(
  message: Message,
  target: Target,
  thread: string | null,
  sent_ms: number,
): TargetRequest | null {
  switch (target.type) {
    case "webhook":
      return FORMS.webhook.request(message, target, thread, sent_ms);
    case "slack":
      return FORMS.slack.request(message, target, thread, sent_ms);
    case "pagerduty":
      return FORMS.pagerduty.request(message, target, thread, sent_ms);
    case "alertmanager":
      return FORMS.alertmanager.request(message, target, thread, sent_ms);
  }
}

/** Whether an answer of success may be a refusal by its body: Slack's Web API answers 200 in any case; all others mean what their status says. */
export function isSaidInBody(target: Target): boolean {
  return target.type === "slack" && target.token !== null;
}

/** `body`: the answer's first 20,000 characters; `answered_ms`: when it came, by the clock. */
export function verdictOf(
  target: Target,
  status: number,
  headers: Headers,
  body: string,
  answered_ms: number,
): Verdict {
  return FORMS[target.type].verdict(status, headers, body, answered_ms);
}
