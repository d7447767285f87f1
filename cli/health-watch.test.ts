/** A running server that falls silent is noticed; one that only hesitates is not. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { Failure } from "./failure.ts";
import { failWhenSilent } from "./health-watch.ts";

const PATIENCE = { look_ms: 250, silent_looks_max: 4 };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Listens with an answer to each look, by its number from 1 on. */
async function serve(answer: (look: number, ...rest: Parameters<RequestListener>) => unknown): Promise<string> {
  let looks = 0;
  server = createServer((request, response) => answer((looks += 1), request, response));
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const never = new AbortController().signal;

describe("the watch over /health", () => {
  test("given a server that accepts and never answers, fails after that many looks with one line that names it", async () => {
    const asked = new Set<string | undefined>();
    const url = await serve((_look, request) => asked.add(request.url));
    const began = performance.now();
    const failure = await failWhenSilent(url, never, PATIENCE).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ exitCode: 1, message: expect.stringContaining(`${url} for 1 s (/health: `) });
    expect(String(failure)).not.toContain("\n");
    expect([...asked]).toEqual(["/health"]);
    // A timer may ring a moment early.
    expect(performance.now() - began).toBeGreaterThan(PATIENCE.silent_looks_max * PATIENCE.look_ms - 50);
  });

  test("given a server that fell silent after a while, fails likewise", async () => {
    const url = await serve((look, _request, response) => {
      if (look <= 3) response.end("ok");
    });
    await expect(failWhenSilent(url, never, PATIENCE)).rejects.toThrow("has not answered");
  });

  test("given errors alone, fails and says which", async () => {
    const url = await serve((_look, _request, response) => response.writeHead(503).end());
    await expect(failWhenSilent(url, never, PATIENCE)).rejects.toThrow("/health answers 503");
  });

  test("given silences that an answer ends in time, goes on until the end is asked for", async () => {
    const end = new AbortController();
    const url = await serve((look, _request, response) => {
      if (look % 2 === 0) response.end("ok");
      if (look === 3 * PATIENCE.silent_looks_max) end.abort(new Error("asked to end"));
    });
    const reason = await failWhenSilent(url, end.signal, PATIENCE).catch((error: unknown) => error);
    expect(reason).not.toBeInstanceOf(Failure);
    expect(end.signal.aborted).toBe(true);
  });
});
