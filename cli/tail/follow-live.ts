/** Follows a live address over any number of connections: what comes is news once, whatever is lost on the way. */
import { setTimeout as delay } from "node:timers/promises";
import type { Severity } from "../../domain/incident.ts";
import { CLOSE_SERVICE_DELETED, CLOSE_SESSION_ENDED, LIVE_VERSION } from "../../domain/message.ts";
import { type ConnectionEnd, LiveConnection, type Patience } from "./live-connection.ts";
import { LiveCursor, type LiveMessage, type News } from "./live-cursor.ts";
import { askUpgrade } from "./upgrade-answer.ts";

/** How often it is tried again, in ms. */
export interface Retry {
  /** Before the first try after a loss; longer with each one that fails. */
  readonly first_ms: number;
  readonly most_ms: number;
  /** After so long without a connection nothing more is tried. */
  readonly give_up_ms: number;
}

const RETRY_GROWTH = 1.6;
/** What a server asks for with Retry-After is heeded up to this (ms). */
const RETRY_AFTER_MS_MAX = 60_000;
/** Answers that come again however often it is tried: the token, the service's name, or the address is wrong. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 426]);

export interface LiveWish {
  /** Origin of the server. */
  readonly url: string;
  /** `/v1/live` or a service's own. */
  readonly path: string;
  readonly token: string;
  readonly after: number | null;
  readonly min_severity: Severity | null;
  readonly retry: Retry;
  readonly patience: Patience;
}

export interface LiveFollower {
  news(news: News): void;
  /** A service of the fleet was deleted. */
  removed(service: string): void;
  /** All that was missed has been told: what is known and what is agree. Comes often. */
  current(): void;
  /** Will be tried again after so many ms. */
  lost(reason: string, retry_ms: number): void;
  /** Connected again, after so many ms without. */
  back(after_ms: number): void;
}

/** Why it is over: `asked`: by the signal; `refused`: to try again would not help; `lost`: no connection for too long. */
export interface LiveEnd {
  readonly type: "asked" | "refused" | "lost";
  readonly detail: string;
}

interface Loss {
  readonly reason: string;
  readonly is_final: boolean;
  readonly retry_after_ms: number;
}

/** Resolves when it is over for good; rejects only with what the follower threw. */
export async function followLive(wish: LiveWish, follower: LiveFollower, ended: AbortSignal): Promise<LiveEnd> {
  const following = new Following(wish, follower);
  while (!ended.aborted) {
    const loss = await following.connect(ended);
    if (ended.aborted) break;
    if (loss.is_final) return { type: "refused", detail: loss.reason };
    const retry_ms = following.afterLoss(loss);
    if (retry_ms === null) return { type: "lost", detail: loss.reason };
    follower.lost(loss.reason, retry_ms);
    // Rejects when it is ended, which the loop sees.
    await delay(retry_ms, undefined, { signal: ended }).catch(() => undefined);
  }
  return { type: "asked", detail: "" };
}

class Following {
  readonly #wish: LiveWish;
  readonly #follower: LiveFollower;
  readonly #cursor: LiveCursor;
  #was_there = false;
  #lost_at_ms: number | null = null;
  #failures = 0;
  /** The server speaks another version than this command. */
  #other_version: number | null = null;

  constructor(wish: LiveWish, follower: LiveFollower) {
    this.#wish = wish;
    this.#follower = follower;
    this.#cursor = new LiveCursor(wish.after);
  }

  /** One connection, until it ends. */
  async connect(ended: AbortSignal): Promise<Loss> {
    const address = this.#address();
    this.#cursor.connect();
    const connection = new LiveConnection(address, this.#wish.token, this.#wish.patience, {
      message: (message) => {
        this.#take(message);
        if (this.#other_version !== null) connection.close();
      },
      pong: () => {
        this.#cursor.pong();
        this.#follower.current();
      },
    });
    const close = (): void => connection.close();
    ended.addEventListener("abort", close);
    const end = await connection.ended.finally(() => ended.removeEventListener("abort", close));
    return ended.aborted ? { reason: "", is_final: true, retry_after_ms: 0 } : await this.#judge(end, address);
  }

  /** How long (ms) to wait before the next try; null where it has been tried for long enough. */
  afterLoss({ retry_after_ms }: Loss): number | null {
    const now_ms = performance.now();
    this.#lost_at_ms ??= now_ms;
    this.#failures += 1;
    const { give_up_ms, ...pace } = this.#wish.retry;
    if (now_ms - this.#lost_at_ms >= give_up_ms) return null;
    return Math.max(retry_after_ms, retryDelayMs(pace, this.#failures, Math.random()));
  }

  #address(): URL {
    const address = new URL(this.#wish.path, this.#wish.url);
    const { after } = this.#cursor;
    if (after !== null) address.searchParams.set("after", String(after));
    if (this.#wish.min_severity !== null) address.searchParams.set("min_severity", this.#wish.min_severity);
    return address;
  }

  #take(message: LiveMessage): void {
    if (message.type === "removed") return this.#follower.removed(message.service);
    if (message.type === "snapshot") {
      if (message.version !== LIVE_VERSION) {
        this.#other_version = message.version;
        return;
      }
      this.#arrive();
    }
    const news = this.#cursor.take(message);
    if (news !== null) this.#follower.news(news);
    if (this.#cursor.isGreeted) this.#follower.current();
  }

  #arrive(): void {
    if (this.#lost_at_ms !== null) this.#follower.back(performance.now() - this.#lost_at_ms);
    this.#lost_at_ms = null;
    this.#failures = 0;
    this.#was_there = true;
  }

  async #judge({ was_heard, code, reason }: ConnectionEnd, address: URL): Promise<Loss> {
    const final = (words: string): Loss => ({ reason: words, is_final: true, retry_after_ms: 0 });
    if (this.#other_version !== null)
      return final(`it speaks version ${this.#other_version} of the live protocol, this command ${LIVE_VERSION}.`);
    if (code === CLOSE_SERVICE_DELETED) return final("the service was deleted.");
    if (code === CLOSE_SESSION_ENDED) return final("the session has ended.");
    const broken: Loss = { reason, is_final: false, retry_after_ms: 0 };
    if (was_heard) return broken;
    const answer = await askUpgrade(address, this.#wish.token);
    // Where it never worked, a server that is not there or not able is told at once.
    const is_first = !this.#was_there;
    switch (answer.type) {
      case "upgraded":
        return broken;
      case "unreachable":
        return { reason: `nothing answers (${answer.reason})`, is_final: is_first, retry_after_ms: 0 };
      case "refused":
        return {
          reason: `it answered ${answer.status}: ${answer.detail}`,
          is_final: is_first || FINAL_STATUSES.has(answer.status),
          retry_after_ms: Math.min(RETRY_AFTER_MS_MAX, answer.retry_after_s * 1000),
        };
    }
  }
}

/** Before try `retry` (1 is the first): up to half as long again by chance (0 to 1), so that not all come back in one instant. */
export function retryDelayMs(
  { first_ms, most_ms }: Pick<Retry, "first_ms" | "most_ms">,
  retry: number,
  chance: number,
): number {
  return Math.min(most_ms, first_ms * RETRY_GROWTH ** (retry - 1) * (1 + chance / 2));
}
