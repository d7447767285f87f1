/** Calls between parts: they take time, get lost on the way there or back, come late, or meet a part that is off. */
import type { Dice } from "./dice.ts";
import type { Chaos } from "./plan.ts";
import type { Scheduler } from "./scheduler.ts";

/** Parts outside the services' objects that outages turn off and on. A part that joins is named here and called through it. */
export const PARTS = ["d1", "fleet", "narrator", "subscribers"] as const;
export type PartName = (typeof PARTS)[number];

/** How a part behaves: one that hangs takes calls and never answers; its connection breaks after a while. */
type PartMode = "up" | "refuses" | "hangs";

/** A call that failed for no fault of who answers it. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
}

export interface Route {
  /** The part that is called, where outages can strike it. */
  readonly part?: PartName;
  /** Whether the call may be carried out though its caller has given up on it. Control calls of one caller keep their order. */
  readonly late?: boolean;
}

const FAST_MS_MAX = 20;
const SLOW_MS_MAX = 6_000;
const LATE_MS_MAX = 25_000;
const HANG_MS = 70_000;

type Fate = "answered" | "request_lost" | "answer_lost" | "late";

export class Network {
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  readonly #modes = new Map<PartName, PartMode>();
  chaos: Chaos;

  constructor(scheduler: Scheduler, dice: Dice, chaos: Chaos) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.chaos = chaos;
  }

  turn(part: PartName, mode: PartMode): void {
    this.#modes.set(part, mode);
  }

  /** Carries out `work` at its target after a while and brings back what it answers. @throws CallFailed */
  call<T>(route: Route, work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fate = this.#fate(route);
    const fail = (): void => reject(new CallFailed(`a call failed: ${fate}`));
    const [there_ms, back_ms] = [this.#delay(), this.#delay()];
    if (fate === "request_lost") this.#scheduler.after(there_ms, fail);
    else if (fate === "late") this.#comeLate(there_ms, fail, work);
    else
      this.#scheduler.after(there_ms, () => {
        const mode = route.part === undefined ? "up" : (this.#modes.get(route.part) ?? "up");
        if (mode === "hangs") return this.#scheduler.after(HANG_MS, fail);
        if (mode === "refuses") return this.#scheduler.after(back_ms, fail);
        const done = (answer: () => void) => this.#scheduler.after(back_ms, fate === "answer_lost" ? fail : answer);
        work().then(
          (value) => done(() => resolve(value)),
          (error: unknown) => done(() => reject(error)),
        );
      });
    return promise;
  }

  #comeLate<T>(there_ms: number, fail: () => void, work: () => Promise<T>): void {
    this.#scheduler.after(there_ms, fail);
    // Nobody waits for what comes of it.
    const ignored = (): void => undefined;
    this.#scheduler.after(there_ms + this.#dice.whole(1, LATE_MS_MAX), () => void work().then(ignored, ignored));
  }

  #fate({ late = false }: Route): Fate {
    const { chaos } = this;
    if (this.#dice.chance(chaos.request_lost)) return "request_lost";
    if (this.#dice.chance(chaos.answer_lost)) return "answer_lost";
    return late && this.#dice.chance(chaos.late) ? "late" : "answered";
  }

  #delay(): number {
    const isSlow = this.#dice.chance(this.chaos.slow);
    return isSlow ? this.#dice.whole(FAST_MS_MAX, SLOW_MS_MAX) : this.#dice.whole(1, FAST_MS_MAX);
  }
}
