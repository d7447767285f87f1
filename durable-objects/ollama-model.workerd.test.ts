/** The same client in the Workers runtime: it has the browser's `fetch`, streams and signals, and no others. */
import { describe, expect, test } from "vitest";
import { evidenceExample } from "../tests/evidence-example.ts";
import { ollamaModel } from "./ollama-model.ts";

const evidence = evidenceExample();

function model(fetcher: typeof fetch, timeout_ms = 10_000) {
  return ollamaModel({ url: "https://ollama.example", model: "m", token: "t0ken", timeout_ms, fetch: fetcher });
}

/** A body that gives a piece whenever it is asked, without an end. */
function endless(pieces: { count: number }): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => {
      pieces.count += 1;
      controller.enqueue(new Uint8Array(64 * 1024));
    },
  });
}

describe("the ollama client in the Workers runtime", () => {
  test("asks and brings the answer", async () => {
    const asked: Request[] = [];
    const message = { role: "assistant", content: "the text" };
    const told = await model((input, init) => {
      asked.push(new Request(input, init));
      return Promise.resolve(Response.json({ message, done: true, prompt_eval_count: 7, eval_count: 5 }));
    }).ask(evidence, null, new AbortController().signal);
    expect(told).toMatchObject({ text: "the text", tokens: 12 });
    expect(asked[0]?.url).toBe("https://ollama.example/api/chat");
    expect(asked[0]?.redirect).toBe("manual");
    expect(asked[0]?.headers.get("authorization")).toBe("Bearer t0ken");
    expect(await asked[0]?.json()).toMatchObject({ model: "m", stream: false, options: { temperature: 0.3 } });
  });

  test("stops to read an answer without an end", async () => {
    const pieces = { count: 0 };
    const asked = model(() => Promise.resolve(new Response(endless(pieces)))).ask(
      evidence,
      null,
      new AbortController().signal,
    );
    await expect(asked).rejects.toMatchObject({ name: "ModelUnavailable", reason: "too_large" });
    expect(pieces.count).toBeLessThan(10);
  });

  test("gives up one that does not come, in time and when it is told to", async () => {
    const never: typeof fetch = () => new Promise(() => undefined);
    const asked = model(never, 20).ask(evidence, null, new AbortController().signal);
    await expect(asked).rejects.toMatchObject({ reason: "timeout" });
    const controller = new AbortController();
    const given_up = model(never).ask(evidence, null, controller.signal);
    controller.abort();
    await expect(given_up).rejects.toMatchObject({ reason: "aborted" });
  });

  test("says in its own words that there is nobody", async () => {
    const asked = ollamaModel({ url: "http://127.0.0.1:9", model: "m", timeout_ms: 10_000 }).ask(
      evidence,
      null,
      new AbortController().signal,
    );
    await expect(asked).rejects.toMatchObject({ name: "ModelUnavailable", reason: "unreachable" });
  });
});
