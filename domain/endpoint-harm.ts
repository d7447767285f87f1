/** Which facts of endpoints can be told in one breath: shares of failed requests and shares of lost time are of different wholes. */
import type { Fact } from "./evidence.ts";

/** The first and those that tell of the same harm: what they carry is then at most all of it. `endpoints`: the worst first. */
export function ofOneHarm(endpoints: readonly Fact[]): readonly Fact[] {
  const [first, ...others] = endpoints;
  if (first === undefined) return [];
  const harm = unitOf(first);
  return [first, ...others.filter((fact) => harm !== undefined && unitOf(fact) === harm)];
}

/** Of its own numbers: a share of its requests failed, or they took so long. */
function unitOf(fact: Fact): string | undefined {
  return fact.values.find(({ name }) => name === "actual")?.unit;
}
