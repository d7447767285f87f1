/** The Durable Object of the Narrator: a thin adapter that gives the actor its storage, its clock, its model and its neighbours. */
import { DurableObject } from "cloudflare:workers";
import { CONTEXT_TOKENS } from "../domain/narrative-prompt.ts";
import type {
  BudgetPort,
  NarratedPort,
  NarrationRequest,
  NarratorPort,
  NarratorStatus,
  NeighboursPort,
  PastPort,
} from "../domain/narrator.ts";
import { type NarratorVariables, parseNarratorSettings } from "../domain/narrator-settings.ts";
import { NarratorActor, type NarratorPorts } from "./narrator.ts";
import { BadOllamaConfig, type OllamaEnv, ollamaModel, parseOllamaConfig } from "./ollama-model.ts";
import { durableStorage } from "./storage.ts";

/** The Worker says who the neighbours are (worker/objects.ts). */
export abstract class NarratorObject<Env extends NarratorVariables & OllamaEnv = NarratorVariables & OllamaEnv>
  extends DurableObject<Env>
  implements NarratorPort, BudgetPort
{
  protected abstract fleet(): NeighboursPort;
  protected abstract past(): PastPort;
  protected abstract monitors(): NarratedPort;
  /** The instance that keeps the day's tokens; null: this is the one. */
  protected abstract keeper(): BudgetPort | null;

  #made: NarratorActor | undefined;

  narrate(requests: readonly NarrationRequest[]): Promise<void> {
    return this.#actor.narrate(requests);
  }

  reserve(day: string, tokens: number): Promise<boolean> {
    return this.#actor.reserve(day, tokens);
  }

  giveBack(day: string, tokens: number): Promise<void> {
    return this.#actor.giveBack(day, tokens);
  }

  status(): NarratorStatus {
    return this.#actor.status();
  }

  override alarm(): void {
    this.#actor.onAlarm();
  }

  // Made at first use: a subclass's methods cannot be called before its own constructor has run.
  get #actor(): NarratorActor {
    this.#made ??= new NarratorActor({
      storage: durableStorage(this.ctx.storage),
      now: () => Date.now(),
      random: () => Math.random(),
      later: (delay_ms, work) => {
        const timer = setTimeout(work, delay_ms);
        return () => clearTimeout(timer);
      },
      background: (work) => this.ctx.waitUntil(work),
      fleet: this.fleet(),
      past: this.past(),
      monitors: this.monitors(),
      ...modelOf(this.env),
      daily_tokens: parseNarratorSettings(this.env).daily_tokens,
      keeper: this.keeper(),
    });
    return this.#made;
  }
}

/** Whether there is a model to ask. */
export function hasModel(env: OllamaEnv): boolean {
  return modelOf(env).model !== null;
}

/** Settings that cannot be meant as they are leave the template's words, and `/ready?verbose` names the variable. */
function modelOf(env: OllamaEnv): Pick<NarratorPorts, "model" | "problem"> {
  try {
    const config = parseOllamaConfig(env);
    if (config === null) return { model: null, problem: null };
    const model = { port: ollamaModel(config), timeout_ms: config.timeout_ms, call_tokens: CONTEXT_TOKENS };
    return { model, problem: null };
  } catch (error) {
    if (!(error instanceof BadOllamaConfig)) throw error;
    console.error("no model is asked", error);
    return { model: null, problem: error.message };
  }
}
