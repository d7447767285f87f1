/** Facts of which classes of status codes carry a rise of errors. */
import type { Fact } from "./evidence.ts";
import { newestOf } from "./endpoint-harm.ts";
import { typically } from "./evidence-symptoms.ts";
import { fact, share, valueOf } from "./evidence-values.ts";
import { inWords } from "./fact-words.ts";
import type { FaultSpan } from "./fault-span.ts";
import type { Incident } from "./incident.ts";
import type { MonitorState } from "./monitor-state.ts";
import { errorTable, type ServiceSettings } from "./settings.ts";

/** Answers with 4xx and 5xx are told apart whatever the settings: they tell whether clients or the service are at fault. */
const TOLD_CLASSES: readonly number[] = [4, 5];
/** A class that is so many standard deviations of chance above what is typical has grown. */
const DEVIATIONS_MIN = 3;

interface ClassRise {
  /** 1 to 5. */
  readonly class: number;
  /** Shares of all answers. */
  readonly actual: number;
  readonly typical: number;
  /** Answers beyond what is typical; 0 where that is chance. */
  readonly excess: number;
}

/** `statuses.5`: 5xx. Those that have grown with their share of what is beyond typical, the others with none of it. */
export function statusFacts(incident: Incident, state: MonitorState, span: FaultSpan | null): Fact[] {
  const isOfErrors = newestOf(incident, "error_rate") !== null || newestOf(incident, "burn_rate") !== null;
  if (!isOfErrors || span === null) return [];
  const rises = risesOf(state, span);
  const total = rises.reduce((sum, { excess }) => sum + excess, 0);
  if (total === 0) return [];
  return rises
    .filter(({ actual, typical }) => actual > 0 || typical > 0)
    .toSorted((a, b) => b.excess - a.excess || b.class - a.class)
    .map((rise) => statusFact(rise, total, incident.status === "resolved" ? "were" : "are"));
}

function risesOf({ detectors, settings }: MonitorState, { from, to }: FaultSpan): ClassRise[] {
  const { typical } = detectors.classes;
  const counts = detectors.classes.over(from, to);
  const answers = counts.reduce((sum, own) => sum + own, 0);
  if (typical === null || answers === 0) return [];
  return classesOf(settings).map((own) => {
    const expected = typical[own - 1]! * answers;
    const excess = counts[own - 1]! - expected;
    const hasGrown = excess >= DEVIATIONS_MIN * Math.sqrt(Math.max(1, expected));
    return {
      class: own,
      actual: counts[own - 1]! / answers,
      typical: typical[own - 1]!,
      excess: hasGrown ? excess : 0,
    };
  });
}

/** Those told, and those of which at least one code is an error. */
function classesOf({ errors }: Pick<ServiceSettings, "errors">): number[] {
  const isError = errorTable(errors);
  const hasErrors = (own: number): boolean => Array.from({ length: 100 }, (_, i) => own * 100 + i).some(isError);
  return [1, 2, 3, 4, 5].filter((own) => TOLD_CLASSES.includes(own) || hasErrors(own));
}

function statusFact(rise: ClassRise, total: number, are: string): Fact {
  const code = valueOf("class", rise.class, "code");
  const [part, actual, typical] = [
    share("share", rise.excess / total),
    share("actual", rise.actual),
    share("typical", rise.typical),
  ];
  const what = `${inWords(actual)} of all answers${typically(typical)}`;
  const text =
    rise.excess === 0
      ? `${inWords(code)} answers did not grow: ${what}.`
      : `${inWords(code)} answers ${are} ${inWords(part)} of those beyond normal: ${what}.`;
  return fact("statuses", text, [code, part, actual, typical], [], rise.class);
}
