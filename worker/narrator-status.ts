/** How the Narrator is doing, over all its instances. */
import type { CircuitState, NarratorStatus } from "../domain/narrator.ts";
import type { Readiness } from "../domain/resource.ts";
import type { Env } from "./env.ts";
import { narratorsOf } from "./neighbours.ts";

/** From best to worst. */
const STATES: readonly CircuitState[] = ["closed", "half_open", "open"];

/** Rejects where an instance does not answer, or a variable of the Narrator cannot be meant as it is. */
export async function narratorStatus(env: Env): Promise<NarratorStatus> {
  const all: NarratorStatus[] = await Promise.all(narratorsOf(env).map((narrator) => narrator.status()));
  const badness = ({ circuit }: NarratorStatus): number => STATES.indexOf(circuit.state);
  const worst = all.toSorted((a, b) => badness(b) - badness(a) || b.circuit.failures - a.circuit.failures)[0]!;
  const sum = (of: (status: NarratorStatus) => number): number => all.reduce((total, status) => total + of(status), 0);
  return {
    ...worst,
    waiting: sum(({ waiting }) => waiting),
    running: sum(({ running }) => running),
    tokens_today: sum(({ tokens_today }) => tokens_today),
    dropped: sum(({ dropped }) => dropped),
  };
}

/** It decides nothing: without a model, or without the Narrator, every incident has the template's words. */
export async function checkNarrator(env: Env): Promise<Readiness["checks"][string]> {
  let status: NarratorStatus;
  try {
    status = await narratorStatus(env);
  } catch (error) {
    console.warn("the Narrator does not answer", error);
    const why = error instanceof TypeError ? error.message : "The Worker's log has the error";
    return { ok: false, detail: `The Narrator does not answer: narratives stay the template's. ${why}.` };
  }
  const { model, problem, circuit, waiting, tokens_today, budget } = status;
  if (problem !== null) return { ok: false, detail: problem };
  if (model === null) return { ok: true, detail: "No model is set up (OLLAMA_URL): narratives are the template's." };
  const tokens = `${tokens_today} of ${budget} tokens of today are spent, ${waiting} incidents wait`;
  if (circuit.state === "closed") return { ok: true, detail: `${model} is asked; ${tokens}.` };
  const why = circuit.reason === null ? "" : ` (${circuit.reason.replace(/\.$/, "")})`;
  return { ok: false, detail: `${model} does not answer${why}; it is tried again each 30 s. ${tokens}.` };
}
