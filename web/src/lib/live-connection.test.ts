import { describe, expect, test } from "vitest";
import { CLOSE_SESSION_ENDED } from "../../../domain/message.ts";
import {
  describeConnection,
  nextConnection,
  retryDelayMs,
  type Connection,
  type ConnectionEvent,
} from "./live-connection.ts";

const T = Date.parse("2026-11-24T10:06:10Z");

function after(events: readonly ConnectionEvent[]): Connection {
  return events.reduce(nextConnection, { phase: "connecting", since_ms: T });
}

const opened = (at_ms: number): ConnectionEvent => ({ type: "opened", at_ms });
const closed = (at_ms: number, retry_in_ms: number, code = 1006): ConnectionEvent => ({
  type: "closed",
  at_ms,
  code,
  retry_in_ms,
});

describe("the connection", () => {
  test("given an open socket, then it is live and tells how far behind the data is", () => {
    expect(describeConnection(after([opened(T)]), T, 912)).toMatchObject({
      tone: "live",
      word: "Live",
      detail: "0.9 s behind",
    });
    expect(describeConnection(after([opened(T)]), T, 240_000)).toMatchObject({ detail: "4 min behind" });
  });

  test("given a loss, then it counts down to the next try and names the last data", () => {
    const lost = after([opened(T), closed(T + 1000, 3000)]);
    expect(describeConnection(lost, T + 1000, null)).toMatchObject({
      word: "Reconnecting",
      detail: "in 3 s, last data 10:06:10",
    });
    expect(describeConnection(lost, T + 3500, null).detail).toMatch(/^in 1 s/);
  });

  test("given tries that fail, then the loss keeps its first moment and becomes stale after 30 s", () => {
    const lost = after([opened(T), closed(T, 1000), closed(T + 20_000, 8000), closed(T + 29_000, 12_000)]);
    expect(describeConnection(lost, T + 29_999, null).word).toBe("Reconnecting");
    expect(describeConnection(lost, T + 30_000, null)).toMatchObject({
      tone: "stale",
      word: "Stale since 10:06:10",
      action: "retry",
    });
  });

  test("given a missing pong, then the screen is stale at once, although the socket looks open", () => {
    const silent = after([opened(T), { type: "heard", at_ms: T + 5000 }, { type: "pong_missed", at_ms: T + 25_000 }]);
    expect(describeConnection(silent, T + 25_000, null)).toMatchObject({
      word: "Stale since 10:06:15",
      detail: "20 s",
    });
    expect(describeConnection(nextConnection(silent, opened(T + 26_000)), T + 26_000, null).tone).toBe("live");
  });

  test("given the code of an ended session, then no late frame brings the page back", () => {
    const ended = after([opened(T), closed(T, 0, CLOSE_SESSION_ENDED)]);
    expect(ended.phase).toBe("ended");
    expect(nextConnection(ended, { type: "heard", at_ms: T + 1 }).phase).toBe("ended");
  });

  test("given a server of another protocol, then only loading anew is offered", () => {
    expect(describeConnection(after([opened(T), { type: "version_differs" }]), T, null).action).toBe("reload");
  });
});

describe("the wait before a try", () => {
  test("it grows from the first wait to a bound, and is nothing before the first loss", () => {
    const waits = [0, 1, 2, 3, 20].map((retry) => retryDelayMs(retry, 1000));
    expect(waits.map(Math.round)).toEqual([0, 1000, 1600, 2560, 15_000]);
  });
});
