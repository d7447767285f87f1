/** Subscriptions and silences as code: the whole set as it should be, and what has to change for that. */
import * as v from "valibot";
import { members } from "./settings-fields.ts";
import { silenceEntrySchema } from "./silence-schema.ts";
import { SILENCES_MAX } from "./silencing.ts";
import { subscriptionEntrySchema, subscriptionSchema } from "./subscription-schema.ts";
import { SUBSCRIPTIONS_MAX } from "./subscription.ts";

/** The sections of faultline.config.json. One that is left out is not touched by `faultline apply`. */
export const AS_CODE_FIELDS = {
  subscriptions: v.exactOptional(
    v.pipe(
      v.array(subscriptionEntrySchema, "must be a list of subscriptions"),
      v.maxLength(SUBSCRIPTIONS_MAX, `must have at most ${SUBSCRIPTIONS_MAX} entries`),
      v.description("Who hears of incidents: all of them. If left out, `faultline apply` leaves them as they are."),
    ),
  ),
  silences: v.exactOptional(
    v.pipe(
      v.array(silenceEntrySchema, "must be a list of silences"),
      v.maxLength(SILENCES_MAX, `must have at most ${SILENCES_MAX} entries`),
      v.description("When incidents are not delivered: all of them but snoozes. If left out, they stay as they are."),
    ),
  ),
};

const fileSchema = members(AS_CODE_FIELDS);
/** Answer of `GET /v1/subscriptions-as-code`: what can stand in faultline.config.json. */
export type AsCode = v.InferOutput<typeof fileSchema>;

/** Body of `PUT /v1/subscriptions-as-code`: as in the file, but with every secret in the clear and its name in `names`. */
export const asCodeSchema = members({
  subscriptions: v.exactOptional(
    v.pipe(
      v.array(subscriptionSchema, "must be a list of subscriptions"),
      v.maxLength(SUBSCRIPTIONS_MAX, `must have at most ${SUBSCRIPTIONS_MAX} entries`),
    ),
  ),
  silences: AS_CODE_FIELDS.silences,
  /** Only tells what would change. */
  dry_run: v.exactOptional(v.boolean("must be true or false")),
});
export type AsCodeBody = v.InferOutput<typeof asCodeSchema>;

/** One entry and what becomes, or became, of it. */
export interface AsCodeChange {
  readonly kind: "create" | "update" | "delete" | "unchanged";
  readonly what: "subscription" | "silence";
  /** A silence's comment. */
  readonly name: string;
  /** The members that differ, as `min_severity`, `target.url`; none but for an update. */
  readonly fields: readonly string[];
}

/** Answer of `PUT /v1/subscriptions-as-code`: subscriptions first, by name; then silences. */
export interface AsCodeAnswer {
  readonly changes: readonly AsCodeChange[];
  readonly dry_run: boolean;
  /** Something is stored that does not hold yet, since the Fleet did not answer: whoever sends it for good hands it on, too. */
  readonly is_pending: boolean;
}
