/**
 * How a service's object comes by its settings: the Fleet pushes what changes, and an object that never heard of it asks. Its own
 * copy, in its state, is the truth for it. Without the Fleet the defaults hold until it answers.
 */
import type { FleetPort } from "../domain/fleet.ts";
import { auditRow, type HistoryRow } from "../domain/history.ts";
import { initialState, type MonitorState } from "../domain/monitor-state.ts";
import { formatRfc3339 } from "../domain/rfc3339.ts";
import type { ServiceSettings, VersionedSettings } from "../domain/settings.ts";
import { backoffMs } from "./backoff.ts";

const BACKOFF_MIN_MS = 5_000;
const BACKOFF_MAX_MS = 300_000;
/** A question that takes longer is taken for lost, and asked again. */
const FLIGHT_MS = 60_000;

export class MonitorSettings {
  readonly #fleet: Pick<FleetPort, "settingsOf">;
  readonly #now: () => number;
  /** Newest word of the Fleet while the object has no state to keep it in. */
  #heard: VersionedSettings | null = null;
  #flight: { readonly started_ms: number; readonly answer: Promise<VersionedSettings | null> } | null = null;
  #failures = 0;
  /** How often what was heard was forgotten. */
  #forgotten = 0;
  /** Not to be asked before, after a failure. */
  #blocked_until_ms = 0;

  constructor(fleet: Pick<FleetPort, "settingsOf">, now: () => number) {
    this.#fleet = fleet;
    this.#now = now;
  }

  /** When the Fleet is to be asked; null once the object has heard of it. */
  due(state: MonitorState | null): number | null {
    const isKnown = state === null ? this.#heard !== null : state.settings_version !== null;
    return isKnown ? null : this.#blocked_until_ms;
  }

  /** What the Fleet says; null when it could not be asked. Never rejects; calls while one runs share its answer. */
  ask(service: string): Promise<VersionedSettings | null> {
    const now_ms = this.#now();
    if (this.#flight === null || now_ms - this.#flight.started_ms > FLIGHT_MS) {
      const flight = { started_ms: now_ms, answer: this.#ask(service).finally(() => this.#land(flight)) };
      this.#flight = flight;
    }
    return this.#flight.answer;
  }

  #land(flight: unknown): void {
    if (this.#flight === flight) this.#flight = null;
  }

  async #ask(service: string): Promise<VersionedSettings | null> {
    const forgotten = this.#forgotten;
    try {
      const answer = await this.#fleet.settingsOf(service);
      this.#failures = 0;
      // What was pushed meanwhile may have been newer, and is forgotten: the Fleet is asked again.
      return forgotten === this.#forgotten ? answer : null;
    } catch (error) {
      this.#failures += 1;
      const backoff_ms = backoffMs(this.#failures, BACKOFF_MIN_MS, BACKOFF_MAX_MS);
      this.#blocked_until_ms = this.#now() + backoff_ms;
      console.warn(`the fleet could not be asked for the settings of ${service}, again in ${backoff_ms} ms`, error);
      return null;
    }
  }

  /** Keeps what the Fleet said for the first state. */
  hear(offer: VersionedSettings): void {
    if (this.#heard === null || offer.version > this.#heard.version) this.#heard = offer;
  }

  /** The service is not admitted, or no more: until it is, nobody tells its object what changes. */
  forget(): void {
    this.#heard = null;
    this.#forgotten += 1;
  }

  /** The first state of the object, with what was heard. */
  initial(service: string, now_ms: number): MonitorState {
    const state = initialState(service, now_ms);
    const heard = this.#heard;
    return heard === null ? state : { ...state, settings: heard.settings, settings_version: heard.version };
  }
}

/** Whether an offer changes what is in force: an older one is a push that was overtaken. */
export function isNewer(offer: VersionedSettings, state: MonitorState): boolean {
  return state.settings_version === null || offer.version > state.settings_version;
}

/** The row of the audit log for a change of settings between two states; null without one. */
export function settingsAudit(before: MonitorState, after: MonitorState, now_ms: number): HistoryRow | null {
  const { service, settings, settings_version } = after;
  if (before.settings_version === settings_version) return null;
  const changed = changes(before.settings, settings);
  if (Object.keys(changed).length === 0) return null;
  const act = { actor: "object", action: "settings.in_force", subject: service };
  const detail = { version: settings_version, changed };
  // A service that was deleted and came back may take the same version anew: its record has gone on.
  const key = `${service} ${settings_version} ${after.record_revision}`;
  return auditRow(act, key, detail, formatRfc3339(now_ms));
}

/** By field: what held and what holds. */
function changes(before: ServiceSettings, after: ServiceSettings): Record<string, readonly [unknown, unknown]> {
  const fields = Object.keys(after) as (keyof ServiceSettings)[];
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return Object.fromEntries(changed.map((field) => [field, [before[field], after[field]]]));
}
