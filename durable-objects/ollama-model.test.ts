/** The call of the model against real HTTP servers, honest and hostile ones. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { storySchema } from "../domain/narrative-form.ts";
import { ANSWER_TOKENS_MAX, CONTEXT_TOKENS, promptOf } from "../domain/narrative-prompt.ts";
import { evidenceExample } from "../tests/evidence-example.ts";
import { answer, chatAnswer, gzipBomb, HostileOllama, type Way, WAYS } from "../tests/hostile-ollama.ts";
import { ModelUnavailable, type OllamaConfig, ollamaModel } from "./ollama-model.ts";

const MIB = 1024 * 1024;
/** Long enough for an answer that comes at once on a busy machine. */
const PATIENT_MS = 15_000;

const server = new HostileOllama();
const evidence = evidenceExample();

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.requests.length = 0;
  server.given_up = 0;
});

function model(more: Partial<OllamaConfig> = {}) {
  return ollamaModel({ url: server.url, model: "m", timeout_ms: PATIENT_MS, ...more });
}

async function refusal(way: Way, more: Partial<OllamaConfig> = {}): Promise<ModelUnavailable> {
  server.way = way;
  const failed = await model(more)
    .ask(evidence, null, new AbortController().signal)
    .then(
      () => null,
      (error: unknown) => error,
    );
  expect(failed).toBeInstanceOf(ModelUnavailable);
  return failed as ModelUnavailable;
}

describe("a call of the model", () => {
  test("asks for structured output within its bounds, and brings text, tokens and time", async () => {
    server.way = answer(chatAnswer("the text"));
    const told = await model().ask(evidence, null, new AbortController().signal);
    expect(told).toEqual({ text: "the text", tokens: 1000, latency_ms: expect.any(Number) });
    const [request] = server.requests;
    const { system, messages } = promptOf(evidence, null);
    expect(request?.url).toBe("/api/chat");
    expect(request?.body).toEqual({
      model: "m",
      messages: [{ role: "system", content: system }, ...messages],
      stream: false,
      think: false,
      format: storySchema(evidence),
      options: { temperature: 0.3, num_predict: ANSWER_TOKENS_MAX, num_ctx: CONTEXT_TOKENS },
    });
  });

  test("sends what is to be repaired after the answer before", async () => {
    server.way = answer(chatAnswer("better"));
    const repair = { answer: "worse", violations: ["summary: is missing"] };
    await model().ask(evidence, repair, new AbortController().signal);
    const { messages } = server.requests[0]!.body as { messages: { role: string; content: string }[] };
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(messages.at(-2)?.content).toBe("worse");
    expect(messages.at(-1)?.content).toContain("summary: is missing");
  });

  test("bears the token and the headers, under a path too", async () => {
    server.way = answer(chatAnswer("x"));
    const headers = { "CF-Access-Client-Id": "id", "CF-Access-Client-Secret": "secret" };
    await model({ url: `${server.url}/ai`, token: "t0ken", headers }).ask(evidence, null, new AbortController().signal);
    expect(server.requests[0]?.url).toBe("/ai/api/chat");
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: "Bearer t0ken",
      "cf-access-client-id": "id",
      "cf-access-client-secret": "secret",
    });
  });

  test("hands on an answer that ran out of tokens: the check tells the model to write less", async () => {
    server.way = answer(chatAnswer('{"summary":[{"te', { done_reason: "length" }));
    const told = await model().ask(evidence, null, new AbortController().signal);
    expect(told.text).toBe('{"summary":[{"te');
  });

  test.each([
    ["none", {}, 0],
    ["of the cached prompt", { eval_count: 40 }, 40],
    ["out of all measure", { prompt_eval_count: 1e300, eval_count: -5 }, 0],
    ["no numbers", { prompt_eval_count: "7", eval_count: null }, 0],
    ["more than there is room for", { prompt_eval_count: 1e9, eval_count: 1 }, CONTEXT_TOKENS + 1],
  ])("given counts that are %s, then tokens stay a number that a budget can bear", async (_, counts, tokens) => {
    server.way = answer(chatAnswer("x", { prompt_eval_count: undefined, eval_count: undefined, ...counts }));
    expect((await model().ask(evidence, null, new AbortController().signal)).tokens).toBe(tokens);
  });
});

describe("a hostile answer is unavailable, with a reason, whatever it is:", () => {
  test.each([
    ["status_500", "refused", "answered 500 (llama runner process has terminated)."],
    ["status_503_html", "refused", "answered 503 (<h1>Busy</h1>)."],
    ["status_401", "refused", "OLLAMA_TOKEN or OLLAMA_HEADERS must hold what it asks for"],
    ["no_model", "no_model", "has no model m: run `ollama pull m` there."],
    ["not_found", "refused", "answered 404 (404 page not found)."],
    ["html", "no_answer", "what it answered is not JSON"],
    ["redirect", "redirected", "it answered 307, a redirect, and redirects are not followed"],
    ["nothing", "no_answer", "what it answered is not JSON"],
    ["no_content", "no_answer", "what it answered is not JSON"],
    ["cut_off_json", "no_answer", "what it answered is not JSON"],
    ["null_json", "no_answer", "holds no message that is done"],
    ["a_list", "no_answer", "holds no message that is done"],
    ["not_done", "no_answer", "holds no message that is done"],
    ["no_message", "no_answer", "holds no message that is done"],
    ["number_as_content", "no_answer", "holds no message that is done"],
    ["error_with_200", "no_answer", "holds no message that is done"],
    ["cut_off", "unreachable", "the connection failed"],
    ["reset", "unreachable", "the connection failed"],
  ] as const)("%s", async (way, reason, words) => {
    const failed = await refusal(WAYS[way]);
    expect(failed.reason).toBe(reason);
    expect(failed.message).toContain(words);
    expect(failed.message).toContain(server.url);
    expect(failed.message.length).toBeLessThan(400);
  });

  test.each(["fifty_mib", "fifty_mib_announced", "error_without_end"] as const)(
    "%s, which is not read",
    async (way) => {
      const failed = await refusal(WAYS[way]);
      expect(failed.reason).toBe(way === "error_without_end" ? "refused" : "too_large");
      // What lies in the sockets' buffers of both sides besides; 50 MiB do not.
      expect(server.poured).toBeLessThan(16 * MIB);
    },
  );

  test("a small body that unpacks to 50 MiB, which is not unpacked", async () => {
    expect((await refusal(gzipBomb())).reason).toBe("too_large");
  });

  test.each(["drip", "no_headers"] as const)("%s, given up when its time is over", async (way) => {
    const failed = await refusal(WAYS[way], { timeout_ms: 60 });
    expect(failed.reason).toBe("timeout");
    expect(failed.message).toContain("no whole answer within 60 ms");
  });

  test("a server that is not there", async () => {
    const gone = new HostileOllama();
    await gone.start();
    const { url } = gone;
    await gone.stop();
    const failed = await refusal(WAYS.nothing, { url });
    expect(failed.reason).toBe("unreachable");
    expect(failed.message).toContain("ECONNREFUSED");
  });

  test("a fetch that heeds no signal", async () => {
    const deaf: typeof fetch = () => new Promise(() => undefined);
    expect((await refusal(WAYS.nothing, { fetch: deaf, timeout_ms: 20 })).reason).toBe("timeout");
  });
});

describe("a call that is given up", () => {
  test("ends at once, and closes the connection, so that the server stops writing", async () => {
    const controller = new AbortController();
    const closed = Promise.withResolvers<void>();
    server.way = (response) => {
      response.once("close", closed.resolve);
      WAYS.drip(response);
      controller.abort();
    };
    const failed = await model()
      .ask(evidence, null, controller.signal)
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ name: "ModelUnavailable", reason: "aborted" });
    await closed.promise;
    expect(server.given_up).toBe(1);
  });

  test("given up before it began, asks nobody", async () => {
    server.way = answer(chatAnswer("x"));
    await expect(model().ask(evidence, null, AbortSignal.abort())).rejects.toMatchObject({ reason: "aborted" });
    expect(server.requests).toEqual([]);
  });
});
