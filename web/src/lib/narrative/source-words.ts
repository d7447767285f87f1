/** Who wrote a narrative, and why it is the template where it is. */
import { formatSpan } from "../format/time.ts";
import type { Certainty, Narrative, NarrativeSource } from "../../../../domain/narrative.ts";

/**
 * Two calls of the ten minutes that one may take at most, and some time before them: words that have not come by then will not. The
 * Narrator may have had to give its request up unheard.
 */
const AWAITED_MS = 30 * 60_000;

/** Milliseconds as one says them of a wait: `3.2 s`, `2 min`. */
function waited(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatSpan(ms);
}

/**
 * One sentence. `now_ms` counts the time that the model has been writing for. Names of models are the operator's: render as text.
 *
 * @param followed_by the model whose words have taken their place, where the template's are read all the same
 */
export function sourceWords(
  narrative: NarrativeSource & Pick<Narrative, "written_at">,
  now_ms: number,
  followed_by: string | null = null,
): string {
  if (narrative.source === "llm") {
    const { llm_model, latency_ms } = narrative;
    return `Written by ${llm_model} in ${waited(latency_ms)}; each of its numbers was found in the evidence.`;
  }
  if (followed_by !== null) return `Written from the template, at once; ${followed_by} has written since.`;
  const model = narrative.llm_model ?? "the model";
  const since_ms = now_ms - Date.parse(narrative.written_at);
  const isAwaited = narrative.reason === "waiting" || narrative.reason === "writing";
  if (isAwaited && since_ms > AWAITED_MS) return `Written from the template; no words of ${model} have come.`;
  switch (narrative.reason) {
    case "no_model":
      return "Written from the template, because no language model is set up.";
    case "waiting":
      return `Written from the template; ${model} has yet to begin.`;
    case "writing":
      return `Written from the template; ${model} has been writing for ${formatSpan(since_ms)}.`;
    case "ungrounded":
      return `Written from the template, because the evidence did not bear out what ${model} wrote.`;
    case "unavailable":
      return `Written from the template, because ${model} does not answer.`;
    case "budget":
      return "Written from the template, because the model's budget for today is spent.";
    case "historical":
      return "Written from the template, because this was found while catching up.";
    case "resolved":
      return "Written from the template, because it was over before the model's turn came.";
  }
}

/** Whether better words may still take the place of these, or have: then the place is as high as either needs. */
export function mayGrow({ reason }: Pick<NarrativeSource, "reason">): boolean {
  return reason !== "no_model" && reason !== "historical" && reason !== "resolved";
}

/** Bars of the verdict's meter, of three. */
export const CERTAINTY_BARS: Readonly<Record<Certainty, number>> = { CONFIRMED: 3, LIKELY: 2, INCONCLUSIVE: 1 };

/** What a verdict means, for whoever asks. */
export const CERTAINTY_ABOUT: Readonly<Record<Certainty, string>> = {
  CONFIRMED: "Confirmed: the evidence shows it, not only that it came together",
  LIKELY: "Likely: the evidence points to it, yet does not prove it",
  INCONCLUSIVE: "Inconclusive: the evidence speaks neither for nor against it",
};

/** Keeps the newest revision, whatever the order in which history, snapshot and live events arrive. */
export function newerNarrative(known: Narrative | null | undefined, arrived: Narrative): Narrative {
  return known != null && known.revision > arrived.revision ? known : arrived;
}
