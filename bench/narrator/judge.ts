/** What an evaluation counts: of each pack the story that a source wrote, whether it stands, and what it fails to meet. */
import type { Evidence } from "../../domain/evidence.ts";
import { checkStory } from "../../domain/narrative-check.ts";
import type { Story } from "../../domain/narrative.ts";
import { writeStory } from "../../domain/narrator-attempts.ts";
import type { ModelPort } from "../../domain/narrator.ts";
import { templateStory } from "../../domain/template-narrative.ts";
import { ModelUnavailable } from "../../durable-objects/ollama-model.ts";
import { quantileOf } from "../support/quantile.ts";
import { unmet } from "./expectations.ts";
import type { Pack } from "./pack.ts";

export interface Judged {
  readonly name: string;
  /** Answers, and those of them that passed the check of what is shown (narrative-check.ts). A template answers once. */
  readonly answers: number;
  readonly grounded: number;
  /** The source's own words stand: the template is not needed in their place. */
  readonly isOwn: boolean;
  /** What its own words fail to meet; the first violations where they do not stand. */
  readonly failures: readonly string[];
  readonly latencies_ms: readonly number[];
}

/** Counts of packs, and shares of them, 0 to 1; null where there is nothing to take a share of. */
export interface Score {
  readonly source: string;
  readonly packs: number;
  /** Share of all answers that passed the check. */
  readonly grounded: number | null;
  /** Share of the source's own stories that meet every expectation, and how many do. */
  readonly expectations: number | null;
  readonly met: number;
  /** Share of packs in which the template had to stand in; null for the template itself. */
  readonly fallback: number | null;
  readonly latency_p50_ms: number | null;
  readonly latency_p95_ms: number | null;
}

export const TEMPLATE = "template";

/** What a person would be woken by, held to the same check as a model's words. `now` in ms. */
export function judgeTemplate(pack: Pack, now: () => number): Judged {
  const began_ms = now();
  const story = templateStory(pack.evidence);
  const latency_ms = now() - began_ms;
  const { violations } = checkStory(answerOf(story), pack.evidence);
  const failures = [...violations, ...unmet(story, pack.evidence, pack.expect)];
  const grounded = violations.length === 0 ? 1 : 0;
  return { name: pack.name, answers: 1, grounded, isOwn: true, failures, latencies_ms: [latency_ms] };
}

/** As a model would have to write it: actions with a link of the service's own are never the model's. */
function answerOf({ summary, possible_causes, recommended_actions }: Story): string {
  const own = recommended_actions.filter(({ url }) => url === null).map(({ text, facts }) => ({ text, facts }));
  return JSON.stringify({ summary, possible_causes, recommended_actions: own });
}

/** The Narrator's way: asked, checked, sent back once. A model that does not answer is a fallback too. */
export async function judgeModel(pack: Pack, model: ModelPort, signal: AbortSignal): Promise<Judged> {
  const latencies_ms: number[] = [];
  const timed: ModelPort = {
    name: model.name,
    async ask(evidence: Evidence, repair, own_signal) {
      const answer = await model.ask(evidence, repair, own_signal);
      latencies_ms.push(answer.latency_ms);
      return answer;
    },
  };
  const judged = (isOwn: boolean, failures: readonly string[]): Judged => ({
    name: pack.name,
    answers: latencies_ms.length,
    grounded: isOwn ? 1 : 0,
    isOwn,
    failures,
    latencies_ms,
  });
  try {
    const written = await writeStory(pack.evidence, timed, signal);
    if (written.story === null) return judged(false, written.violations);
    return judged(true, unmet(written.story, pack.evidence, pack.expect));
  } catch (error) {
    if (!(error instanceof ModelUnavailable)) throw error;
    return judged(false, [error.message]);
  }
}

export function scoreOf(source: string, judged: readonly Judged[]): Score {
  const sum = (count: (own: Judged) => number): number => judged.reduce((total, own) => total + count(own), 0);
  const own = judged.filter(({ isOwn }) => isOwn);
  const met = own.filter(({ failures }) => failures.length === 0).length;
  const answers = sum(({ answers: count }) => count);
  const latencies = judged.flatMap(({ latencies_ms }) => latencies_ms).toSorted((a, b) => a - b);
  const quantile = (q: number): number | null => (latencies.length === 0 ? null : quantileOf(latencies, q));
  return {
    source,
    packs: judged.length,
    grounded: answers === 0 ? null : sum(({ grounded }) => grounded) / answers,
    expectations: own.length === 0 ? null : met / own.length,
    met,
    fallback: source === TEMPLATE ? null : (judged.length - own.length) / Math.max(1, judged.length),
    latency_p50_ms: quantile(0.5),
    latency_p95_ms: quantile(0.95),
  };
}
