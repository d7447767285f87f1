/** What is wrong with a draft, field by field, before it is sent: judged by the very schema that the server judges by. */
import { readPasted } from "./pasted-address.ts";
import { bodyOf, type SubscriptionDraft } from "./subscription-draft.ts";
import { parseBySchema, subscriptionChangeSchema, subscriptionSchema } from "../../../../domain/subscription-schema.ts";

const FIELDS = [
  "address",
  "name",
  "services",
  "changes",
  "group_wait_s",
  "repeat_min",
  "max_per_hour",
  "secret",
  "routing_key",
  "token",
  "channel",
  "chat_id",
  "topic",
  "headers",
  "template",
] as const;
export type SubscriptionField = (typeof FIELDS)[number];
/** A sentence for each field that is wrong. */
export type SubscriptionProblems = Readonly<Partial<Record<SubscriptionField, string>>>;

/** Fields that stand folded away: they have to be unfolded to be mended. */
export const FOLDED: readonly SubscriptionField[] = [
  "group_wait_s",
  "repeat_min",
  "max_per_hour",
  "headers",
  "template",
];

/** Empty where nothing is known to be wrong: whether a host may be reached is the server's to say. */
export function problemsOf(draft: SubscriptionDraft): SubscriptionProblems {
  const address = addressProblem(draft);
  const found: Partial<Record<SubscriptionField, string>> = address === null ? {} : { address };
  const { target, ...wish } = bodyOf(draft);
  const parsed =
    draft.id === null
      ? parseBySchema(subscriptionSchema, { ...wish, target })
      : // Members of the target that are left out are kept, so that only the server can judge the whole.
        parseBySchema(subscriptionChangeSchema, wish);
  if (parsed.ok) return found;
  for (const { path, message } of parsed.problems) {
    const field = fieldOf(path);
    if (field !== null) found[field] ??= sentenceOf(field, message, draft);
  }
  return found;
}

/** Slack's token and PagerDuty's key say by themselves where it goes, and what is stored is kept. */
function addressProblem({ id, form, address, token, routing_key }: SubscriptionDraft): string | null {
  if (address.trim() !== "")
    return readPasted(address) === null ? "It must be a whole address, from https:// on." : null;
  if (id !== null || (form === "slack" && token !== "") || (form === "pagerduty" && routing_key !== "")) return null;
  return "Paste the address that messages are to be sent to.";
}

function fieldOf(path: string): SubscriptionField | null {
  const name = path.replace(/^target\.(?:params\.)?/, "").replace(/[.[].*$/, "");
  const own = { url: "address", secrets: "secret", templates: "template" } as const;
  return Object.hasOwn(own, name)
    ? own[name as keyof typeof own]
    : (FIELDS.find((field) => field === name && field !== "address") ?? null);
}

function sentenceOf(field: SubscriptionField, message: string, draft: SubscriptionDraft): string {
  if (field === "name" && draft.name.trim() === "") return "Say what people are to call it.";
  if (field === "changes") return "Choose at least one.";
  return `It ${message.replaceAll(/\bnull \(never\) or /g, "")}.`;
}
