/** Plays what is broken on purpose: asks Faultline what is on, and makes it part of the faults of the stream. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DemoFault, DemoState } from "../domain/demo.ts";
import { reasonOf } from "./failure.ts";
import { type Fault, type FaultSchedule, isOn } from "./fault.ts";
import type { DemoTarget } from "./options.ts";
import type { Report } from "./report.ts";
import { SLOT_MS } from "./stream.ts";

/** Half a second of the ten from a fault's wish to its incident on the screen. */
const ASK_EVERY_MS = 500;
const ANSWER_MS_MAX = 5_000;
/** A fault that is over is kept so long: events that could not be sent then may still be made (pump.ts, BACKLOG_MS_MAX). */
const KEPT_MS = 60_000;

export class DemoPlayer {
  readonly #report: Report;
  /** By id. One that was ended early has a new end. */
  #faults = new Map<string, Fault>();
  readonly #healed = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** What is played, for the stream. It tells of its faults itself, since their ends may come earlier than was said. */
  readonly schedule: FaultSchedule = {
    activeAt: (service, at_ms) =>
      [...this.#faults.values()].filter((fault) => fault.service === service && isOn(fault, at_ms)),
    beginningBetween: () => [],
  };

  /** Takes what is on. A new fault begins with the next slot, of which no event was made yet; one that is gone ends with it. */
  take(listed: readonly DemoFault[], now_ms: number): void {
    const next_ms = Math.ceil(now_ms / SLOT_MS) * SLOT_MS;
    const wanted = new Set(listed.map(({ id }) => id));
    for (const [id, fault] of this.#faults) {
      if (!wanted.has(id) && fault.to_ms > next_ms) this.#faults.set(id, { ...fault, to_ms: next_ms });
    }
    for (const wish of listed) if (!this.#faults.has(wish.id)) this.#begin(wish, next_ms);
    this.#tellHealed(now_ms);
    for (const [id, { to_ms }] of this.#faults) {
      if (to_ms >= now_ms - KEPT_MS) continue;
      this.#faults.delete(id);
      this.#healed.delete(id);
    }
  }

  #begin(wish: DemoFault, from_ms: number): void {
    const fault = faultOf(wish, from_ms);
    if (fault.to_ms <= from_ms) return;
    this.#faults.set(wish.id, fault);
    this.#report(from_ms, { kind: "fault", fault });
  }

  #tellHealed(now_ms: number): void {
    for (const [id, fault] of this.#faults) {
      if (fault.to_ms > now_ms + SLOT_MS || this.#healed.has(id)) continue;
      this.#healed.add(id);
      this.#report(fault.to_ms, { kind: "heal", fault });
    }
  }
}

function faultOf({ service, endpoint, kind, strength, to }: DemoFault, from_ms: number): Fault {
  const base = { service, endpoint, from_ms, to_ms: Date.parse(to) };
  switch (kind) {
    case "errors":
      return { ...base, kind, share: strength };
    case "latency":
    case "traffic":
      return { ...base, kind, factor: strength };
    case "down":
      return { ...base, kind: "traffic", factor: 0 };
  }
}

/** Asks until the end, and goes on where it gets no answer; rejects only with the end. */
export async function askForFaults(
  target: DemoTarget,
  player: DemoPlayer,
  { report, ended, now }: { readonly report: Report; readonly ended: AbortSignal; readonly now: () => number },
): Promise<never> {
  let told: string | null | undefined;
  for (;;) {
    const answer = await ask(target, ended);
    const trouble = "trouble" in answer ? answer.trouble : null;
    if (trouble !== told) report(now(), { kind: "demo", to: target.url, trouble });
    told = trouble;
    // Without an answer what is on goes on, to the end that it has.
    if ("faults" in answer) player.take(answer.faults, now());
    await sleep(ASK_EVERY_MS, undefined, { signal: ended });
  }
}

async function ask(
  { url, token }: DemoTarget,
  ended: AbortSignal,
): Promise<Pick<DemoState, "faults"> | { readonly trouble: string }> {
  try {
    const response = await fetch(`${url}/v1/demo/faults`, {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.any([ended, AbortSignal.timeout(ANSWER_MS_MAX)]),
      redirect: "manual",
    });
    if (response.status !== 200) return { trouble: `it answers ${response.status}` };
    const state = await response.json<DemoState>();
    return state.on ? state : { trouble: "demo mode is off there" };
  } catch (error) {
    ended.throwIfAborted();
    return { trouble: reasonOf(error) };
  }
}
