/**
 * The dead man's switch: a request to HEARTBEAT_URL each minute while the whole pipeline works, so that whoever waits for it there hears
 * of our own death. Off without the variable.
 *
 * It needs an alarm each minute, also where nothing happens, for that is when nobody else would notice: with the row that says what
 * came of it some three rows a minute, about $0.15 a month, for the one failure that Faultline cannot tell of itself.
 */
import type { FleetPipeline, HeartbeatStatus } from "../domain/pipeline.ts";
import { type AllowedTargets, checkTargetUrl } from "../domain/target-url.ts";
import { boundedAnswer, FetchFailed } from "./bounded-fetch.ts";
import { numberOf, numberOrNullOf, textOrNullOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";
import { type Later, within } from "./tell-services.ts";

const EVERY_MS = 60_000;
const REQUEST_MS_MAX = 10_000;
/** Of an answer nothing is read but whether it was taken. */
const ANSWER_BYTES_MAX = 1_024;
const CHECK_MS_MAX = 5_000;
/** Longer than any attempt of an outbox waits for the next: what is overdue for so long does not drain. */
const OVERDUE_MS = 120_000;
/** A source whose bridges are silent for longer was retired, and whoever waits for the heartbeat has heard of it. */
const RETIRED_MS = 24 * 60 * 60_000;

// heartbeat: what came of the newest look, one row. at_ms: when; sent_ms: when the newest request was taken, null: none ever was;
// reason: why none was sent or taken at the newest look, null: it was.
const SCHEMA = `CREATE TABLE IF NOT EXISTS heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), at_ms INTEGER NOT NULL, sent_ms INTEGER,
  reason TEXT)`;

/** What a heartbeat is made of besides the Fleet itself. */
export interface HeartbeatPorts {
  readonly url: string;
  /** Throws what names the setting that cannot be read. */
  readonly allowed: () => AllowedTargets;
  readonly fetch: typeof fetch;
  /** Rejects where the history database does not answer. */
  readonly history: () => Promise<void>;
  /** By target since when (RFC 3339) rows of a service are overdue; null for each that drains, and for a service that is not there. */
  readonly outboxSince: (service: string) => Promise<Readonly<Record<string, string | null>> | null>;
}

interface FleetPart {
  readonly storage: Storage;
  readonly now: () => number;
  readonly later: Later;
  readonly pipeline: () => Pick<FleetPipeline, "busiest" | "sources" | "bridges">;
}

interface Look {
  readonly at_ms: number;
  readonly sent_ms: number | null;
  readonly reason: string | null;
}

export class FleetHeartbeat {
  readonly #ports: HeartbeatPorts;
  readonly #fleet: FleetPart;
  #newest: Look | null;
  #started_ms: number | null = null;

  constructor(ports: HeartbeatPorts, fleet: FleetPart) {
    this.#ports = ports;
    this.#fleet = fleet;
    fleet.storage.exec(SCHEMA);
    const row = fleet.storage.exec("SELECT at_ms, sent_ms, reason FROM heartbeat WHERE id = 1")[0];
    this.#newest =
      row === undefined
        ? null
        : {
            at_ms: numberOf(row, "at_ms"),
            sent_ms: numberOrNullOf(row, "sent_ms"),
            reason: textOrNullOf(row, "reason"),
          };
  }

  status(): HeartbeatStatus {
    const { at_ms, sent_ms, reason } = this.#newest ?? { at_ms: null, sent_ms: null, reason: null };
    const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
    return { at: time(at_ms), sent_at: time(sent_ms), reason };
  }

  /** When to look next. */
  due(): number {
    return (this.#started_ms ?? this.#newest?.at_ms ?? -Infinity) + EVERY_MS;
  }

  /** Looks whether all works, and if so tells it. Never rejects. */
  async push(): Promise<void> {
    const at_ms = this.#fleet.now();
    if (this.due() > at_ms) return;
    this.#started_ms = at_ms;
    try {
      const reason = (await this.#problem(at_ms)) ?? (await this.#send());
      if (reason !== null) console.warn(`no heartbeat: ${reason}`);
      const sent_ms = reason === null ? this.#fleet.now() : (this.#newest?.sent_ms ?? null);
      this.#save({ at_ms, sent_ms, reason });
    } catch (error) {
      console.error("what came of a heartbeat could not be stored", error);
    } finally {
      // Where it could not be stored the next is a minute later all the same.
      if (this.#started_ms === at_ms && this.#newest?.at_ms === at_ms) this.#started_ms = null;
    }
  }

  #save(look: Look): void {
    this.#fleet.storage.exec(
      `INSERT INTO heartbeat (id, at_ms, sent_ms, reason) VALUES (1, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
         at_ms = excluded.at_ms, sent_ms = excluded.sent_ms, reason = excluded.reason`,
      look.at_ms,
      look.sent_ms,
      look.reason,
    );
    this.#newest = look;
  }

  /** The first thing that does not work; null where all does. */
  async #problem(now_ms: number): Promise<string | null> {
    const { later, pipeline } = this.#fleet;
    const { busiest, sources, bridges } = pipeline();
    const heard = new Set(
      bridges.filter(({ seen_at }) => now_ms - Date.parse(seen_at) <= RETIRED_MS).map(({ source }) => source),
    );
    const stalled = sources.find(({ source, standing }) => standing === "stalled" && heard.has(source));
    if (stalled !== undefined)
      return `events of the source ${stalled.source} do not come: its bridge is silent or falls behind`;
    try {
      await within(later, CHECK_MS_MAX, this.#ports.history(), "the history database");
    } catch (error) {
      console.warn("a heartbeat looked for the history database", error);
      return "the history database does not answer";
    }
    const problems = await Promise.all(busiest.map((service) => this.#outboxProblem(service, now_ms)));
    return problems.find((problem) => problem !== null) ?? null;
  }

  async #outboxProblem(service: string, now_ms: number): Promise<string | null> {
    try {
      const since = await within(this.#fleet.later, CHECK_MS_MAX, this.#ports.outboxSince(service), service);
      const overdue = Object.entries(since ?? {}).find(([, at]) => at !== null && now_ms - Date.parse(at) > OVERDUE_MS);
      return overdue === undefined ? null : `what ${service} has for ${overdue[0]} has waited since ${overdue[1]}`;
    } catch (error) {
      console.warn(`a heartbeat looked for the object of ${service}`, error);
      return `the object of ${service} does not answer`;
    }
  }

  /** Null once it was taken; else why not. */
  async #send(): Promise<string | null> {
    const { url, allowed, fetch: fetcher } = this.#ports;
    try {
      const wrong = checkTargetUrl(url, allowed(), "HEARTBEAT_URL");
      if (wrong !== null) return wrong;
      const bounds = { bytes_max: ANSWER_BYTES_MAX, timeout_ms: REQUEST_MS_MAX, signal: new AbortController().signal };
      const init = { headers: { "user-agent": "Faultline" } };
      const { status } = await boundedAnswer(fetcher, url, init, bounds, "status");
      if (status >= 200 && status < 300) return null;
      const redirect = status >= 300 && status < 400 ? ", a redirect, and redirects are not followed" : "";
      return `HEARTBEAT_URL answered ${status}${redirect}`;
    } catch (error) {
      // A setting that cannot be read names itself.
      if (!(error instanceof FetchFailed)) return error instanceof Error ? error.message : String(error);
      return `HEARTBEAT_URL: ${error.message}`;
    }
  }
}
