/** How often a model is asked for the words of an incident, and what becomes of answers that do not stand. */
import type { Evidence } from "./evidence.ts";
import { checkStory } from "./narrative-check.ts";
import type { Story } from "./narrative.ts";
import type { ModelPort } from "./narrator.ts";

/**
 * `tokens`: of all calls together. `latency_ms`: of the call whose answer this is. `ungrounded`: the second answer did not stand
 * either; `violations` are its own.
 */
export type WrittenStory =
  | { readonly story: Story; readonly latency_ms: number; readonly tokens: number }
  | {
      readonly story: null;
      readonly reason: "ungrounded";
      readonly violations: readonly string[];
      readonly tokens: number;
    };

/**
 * Asks for a story and checks it; what does not stand is sent back once, with what is wrong with it. No unchecked word comes out.
 * Rejects as the model does, where a call brought no whole answer.
 */
export async function writeStory(evidence: Evidence, model: ModelPort, signal: AbortSignal): Promise<WrittenStory> {
  const first = await model.ask(evidence, null, signal);
  const checked = checkStory(first.text, evidence);
  if (checked.story !== null) return { story: checked.story, latency_ms: first.latency_ms, tokens: first.tokens };
  const second = await model.ask(evidence, { answer: first.text, violations: checked.violations }, signal);
  const tokens = first.tokens + second.tokens;
  const { story, violations } = checkStory(second.text, evidence);
  if (story === null) return { story, reason: "ungrounded", violations, tokens };
  return { story, latency_ms: second.latency_ms, tokens };
}
