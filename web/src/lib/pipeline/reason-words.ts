/** Why events are refused, in the words of the rules themselves. */
import { REJECT_REASONS } from "../../../../domain/event.ts";

/** "latency_ms must be a finite number from 0 to 3600000"; null for a word that the rules do not know. */
export function reasonWords(reason: string): string | null {
  if (!Object.hasOwn(REJECT_REASONS, reason)) return null;
  const sentence = REJECT_REASONS[reason as keyof typeof REJECT_REASONS];
  // What comes after says what to do, or gives an example.
  return sentence.replace(/(;|, such as ).*$/, "").replace(/\.$/, "");
}

/** The same within a sentence, after "because". */
export function reasonClause(reason: string): string | null {
  return reasonWords(reason)?.replace(/^(The|A) /, (article) => article.toLowerCase()) ?? null;
}
