import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FleetSnapshot } from "../../domain/message.ts";
import { randomFor } from "../../generator/random.ts";
import { CuttingProxy } from "../../tests/cutting-proxy.ts";
import { FleetWorld, incidentOf } from "../../tests/fleet-harness.ts";
import { LiveEndpoint } from "../../tests/live-endpoint.ts";
import { followLive, type LiveEnd, type LiveFollower, type LiveWish, retryDelayMs } from "./follow-live.ts";

const SEED = 15;
const CUTS = 50;

let world: FleetWorld;
let endpoint: LiveEndpoint;
let connections = 0;
let published = 0;

beforeEach(async () => {
  [connections, published] = [0, 0];
  world = new FleetWorld();
  await world.admit("shop");
  endpoint = new LiveEndpoint((request) => world.connect(`client ${(connections += 1)}`, request));
  await endpoint.listen();
});
afterEach(async () => {
  await endpoint.close();
  world.storage.close();
});

/** One more change of an incident, told to whoever is connected. */
async function publish(): Promise<void> {
  published += 1;
  const incident = incidentOf("shop", { revision: published, description: `change ${published}` });
  await world.actor.incidents([{ service: "shop", seq: published, action: "updated", incident }]);
  endpoint.pump();
}

/** Keeps what it is told; `until` resolves when what it waits for is so. */
class Kept implements LiveFollower {
  readonly seqs: number[] = [];
  readonly standings: string[] = [];
  readonly losses: string[] = [];
  backs = 0;
  greeted = 0;
  readonly stop = new AbortController();
  #waiting: (() => void)[] = [];

  news(news: Parameters<LiveFollower["news"]>[0]): void {
    if (news.type === "event") this.seqs.push(news.event.seq);
    else this.standings.push(news.standing);
    this.#look();
  }

  removed(): void {
    this.#look();
  }

  current(): void {
    this.greeted += 1;
    this.#look();
  }

  lost(reason: string): void {
    this.losses.push(reason);
    this.#look();
  }

  back(): void {
    this.backs += 1;
    this.#look();
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #look(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function follow(kept: Kept, change: Partial<LiveWish> = {}): Promise<LiveEnd> {
  const wish: LiveWish = {
    url: endpoint.url,
    path: "/v1/live",
    token: "viewer-token-0000",
    after: null,
    min_severity: null,
    retry: { first_ms: 1, most_ms: 5, give_up_ms: 60_000 },
    patience: { open_ms: 10_000, ping_every_ms: 15_000, pong_within_ms: 10_000 },
    ...change,
  };
  return followLive(wish, kept, kept.stop.signal);
}

describe("a follower that loses its connection", () => {
  test(`${CUTS} times, in the middle of frames too, hears each change once and in order`, async () => {
    const proxy = new CuttingProxy(endpoint.url);
    await proxy.listen();
    const kept = new Kept();
    const random = randomFor(SEED);
    // A change is about 1,500 bytes: some connections end in the handshake or the snapshot, most after some changes.
    proxy.budget = () => (kept.losses.length < CUTS ? 1 + random.index(8_000) : null);
    const following = follow(kept, { url: proxy.url, after: 0 });
    while (kept.losses.length < CUTS) {
      const before = kept.losses.length;
      await publish();
      await kept.until(() => kept.seqs.length === published || kept.losses.length > before);
    }
    await kept.until(() => kept.seqs.length >= published);
    kept.stop.abort();
    expect(await following).toMatchObject({ type: "asked" });
    expect(kept.seqs).toEqual(Array.from({ length: published }, (_, at) => at + 1));
    expect(kept.losses.length).toBeGreaterThanOrEqual(CUTS);
    expect(proxy.cuts).toBeGreaterThanOrEqual(CUTS);
    // Not all at one place: it went on from many.
    expect(new Set(endpoint.asked.map(({ after }) => after)).size).toBeGreaterThan(15);
    await proxy.close();
  });

  test("because the server is silent, notices by the missing answer and connects anew", async () => {
    const kept = new Kept();
    endpoint.treatment = { type: "mute" };
    const following = follow(kept, { after: 0, patience: { open_ms: 10_000, ping_every_ms: 5, pong_within_ms: 5 } });
    await kept.until(() => kept.losses.length > 0);
    expect(kept.losses[0]).toBe("it has fallen silent");
    endpoint.treatment = { type: "greet" };
    await publish();
    await kept.until(() => kept.seqs.length > 0);
    kept.stop.abort();
    await following;
    expect(kept.seqs).toEqual([1]);
  });

  test("while the server is down, goes on when it is back with what was missed", async () => {
    const kept = new Kept();
    const following = follow(kept);
    await kept.until(() => kept.greeted > 0);
    await publish();
    await kept.until(() => kept.seqs.length === 1);
    await endpoint.close();
    await publish();
    await kept.until(() => kept.losses.length >= 3);
    await endpoint.listen();
    await kept.until(() => kept.seqs.length === 2);
    expect(kept.seqs).toEqual([1, 2]);
    expect(kept.backs).toBe(1);
    expect(kept.standings).toEqual(["first", "resumed"]);
    kept.stop.abort();
    await following;
  });

  test("for longer than it is to try, gives up and says what it met", async () => {
    const kept = new Kept();
    const following = follow(kept, { retry: { first_ms: 1, most_ms: 5, give_up_ms: 20 } });
    await kept.until(() => kept.greeted > 0);
    await endpoint.close();
    expect(await following).toEqual({ type: "lost", detail: "nothing answers (ECONNREFUSED)" });
  });

  test("because its service was deleted, ends", async () => {
    const kept = new Kept();
    const following = follow(kept);
    await kept.until(() => kept.greeted > 0);
    endpoint.goodbye(4404, "deleted");
    expect(await following).toEqual({ type: "refused", detail: "the service was deleted." });
    expect(kept.losses).toEqual([]);
  });
});

describe("a server that refuses", () => {
  const refuse = (status: number, headers: readonly string[] = []) => {
    endpoint.treatment = { type: "refuse", status, detail: "because.", headers };
  };

  test.each([401, 403, 404, 503])("with %i at first, is told with its own words", async (status) => {
    refuse(status);
    expect(await follow(new Kept())).toEqual({ type: "refused", detail: `it answered ${status}: because.` });
  });

  test("later, is asked again where that may help: not about a token", async () => {
    const kept = new Kept();
    const following = follow(kept);
    await kept.until(() => kept.greeted > 0);
    refuse(503);
    endpoint.goodbye(1001, "");
    await kept.until(() => kept.losses.length >= 3);
    expect(kept.losses.slice(0, 2)).toEqual(["it was closed with 1001", "it answered 503: because."]);
    refuse(401);
    expect(await following).toEqual({ type: "refused", detail: "it answered 401: because." });
  });

  test("and says when to come back, is left alone until then", async () => {
    const kept = new Kept();
    let waited_ms = 0;
    const told = kept.lost.bind(kept);
    kept.lost = (reason: string, retry_ms = 0) => {
      waited_ms = retry_ms;
      told(reason);
    };
    const following = follow(kept);
    await kept.until(() => kept.greeted > 0);
    refuse(503, ["Retry-After: 30"]);
    endpoint.goodbye(1001, "");
    await kept.until(() => kept.losses.length === 2);
    expect(waited_ms).toBe(30_000);
    kept.stop.abort();
    expect(await following).toMatchObject({ type: "asked" });
  });

  test("by another version of the protocol, is not listened to", async () => {
    const other = { type: "snapshot", version: 2, seq: 1, reset: false, services: [], incidents: [] };
    const newer = new LiveEndpoint(() => [other as unknown as FleetSnapshot]);
    await newer.listen();
    const kept = new Kept();
    const end = await follow(kept, { url: newer.url });
    expect(end).toEqual({ type: "refused", detail: "it speaks version 2 of the live protocol, this command 1." });
    expect(kept.standings).toEqual([]);
    await newer.close();
  });
});

test("the server is asked with the token in a header, for what is wanted", async () => {
  const kept = new Kept();
  const following = follow(kept, { after: 4, min_severity: "high" });
  await kept.until(() => kept.standings.length > 0);
  expect(kept.standings).toEqual(["reset"]);
  expect(endpoint.headers.authorization).toBe("Bearer viewer-token-0000");
  expect(endpoint.asked).toEqual([{ after: 4, min_severity: "high", expires_at: null }]);
  kept.stop.abort();
  await following;
});

test("tries are ever further apart, up to a limit, and not the same for all", () => {
  const pace = { first_ms: 300, most_ms: 15_000 };
  expect([1, 2, 3, 20].map((retry) => Math.round(retryDelayMs(pace, retry, 0)))).toEqual([300, 480, 768, 15_000]);
  expect(retryDelayMs(pace, 1, 0.999)).toBeCloseTo(450, 0);
});
