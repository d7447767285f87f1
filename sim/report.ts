/** What a simulation tells: how far it is, what came of it, and what exactly broke. */
import { diffText } from "./difference.ts";
import { type Broken, INVARIANTS } from "./invariants.ts";
import type { PlantName } from "./plants.ts";
import type { RunResult } from "./run.ts";

const SHOWN_MS = 200;

export class Progress {
  readonly #runs: number;
  readonly #write: ((text: string) => void) | null;
  readonly #began_ms = performance.now();
  #shown_ms = -Infinity;
  #done = 0;
  #steps = 0;
  #messages = 0;
  #incidents = 0;
  #compared = 0;

  /** `write`: null where nobody watches. */
  constructor(runs: number, write: ((text: string) => void) | null) {
    this.#runs = runs;
    this.#write = write;
  }

  add(result: RunResult): void {
    this.#done += 1;
    this.#steps += result.steps;
    this.#messages += result.messages;
    this.#incidents += result.incidents;
    this.#compared += result.compared;
    const now_ms = performance.now();
    if (this.#write === null || now_ms - this.#shown_ms < SHOWN_MS) return;
    this.#shown_ms = now_ms;
    const left_s = (this.#seconds() / this.#done) * (this.#runs - this.#done);
    this.#write(`\r\u001b[K${this.#done} of ${this.#runs} runs, seed ${result.seed}, ${Math.ceil(left_s)} s left`);
  }

  clear(): void {
    this.#write?.("\r\u001b[K");
  }

  summary(): string {
    const counts = `${this.#steps} steps, ${this.#messages} messages, ${this.#incidents} incidents`;
    const compared = `${this.#compared} streams compared with the plain one`;
    return `${this.#done} runs in ${this.#seconds().toFixed(1)} s: all invariants held (${counts}; ${compared}).\n`;
  }

  #seconds(): number {
    return (performance.now() - this.#began_ms) / 1000;
  }
}

/** The failure, and the command that repeats it. */
export function failureText({ seed }: RunResult, broken: Broken, plant: PlantName | null): string {
  const { invariant, message, expected, found } = broken;
  const planted = plant === null ? "" : ` --plant ${plant}`;
  return `seed ${seed}: ${message}
  ${INVARIANTS[invariant]}
${diffText(expected, found)}
repeat: npm run sim -- --seed ${seed} --runs 1${planted}   (--trace prints its steps)
`;
}
