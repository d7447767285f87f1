import { describe, expect, test } from "vitest";
import { BadOllamaConfig, DEFAULT_MODEL, type OllamaEnv, parseOllamaConfig } from "./ollama-config.ts";

const OLLAMA_URL = "http://127.0.0.1:11434";

describe("the variables of the model", () => {
  test("given no URL, then there is no model, whatever else is set", () => {
    expect(parseOllamaConfig({})).toBeNull();
    expect(parseOllamaConfig({ OLLAMA_URL: "", OLLAMA_MODEL: "m", OLLAMA_HEADERS: "nonsense" })).toBeNull();
  });

  test("given a URL alone, then the rest has defaults", () => {
    expect(parseOllamaConfig({ OLLAMA_URL })).toEqual({ url: OLLAMA_URL, model: DEFAULT_MODEL, timeout_ms: 60_000 });
  });

  test("given all of them, then each is taken", () => {
    const env = {
      OLLAMA_URL: "https://ai.example.com/ollama/",
      OLLAMA_MODEL: "hf.co/someone/model:Q4_K_M",
      OLLAMA_TOKEN: "t0ken",
      OLLAMA_HEADERS: '{"CF-Access-Client-Id":"id","CF-Access-Client-Secret":"s e"}',
      OLLAMA_TIMEOUT_MS: "5000",
    };
    expect(parseOllamaConfig(env)).toEqual({
      url: "https://ai.example.com/ollama",
      model: "hf.co/someone/model:Q4_K_M",
      token: "t0ken",
      headers: { "CF-Access-Client-Id": "id", "CF-Access-Client-Secret": "s e" },
      timeout_ms: 5000,
    });
  });

  test("given authorization among the headers and no token, then it is theirs", () => {
    const config = parseOllamaConfig({ OLLAMA_URL, OLLAMA_HEADERS: '{"Authorization":"Basic eDp5"}' });
    expect(config?.headers).toEqual({ Authorization: "Basic eDp5" });
  });

  test.each<[string, Partial<OllamaEnv>, string]>([
    ["no URL", { OLLAMA_URL: "127.0.0.1:11434" }, "OLLAMA_URL must be an http or https URL"],
    ["another scheme", { OLLAMA_URL: "file:///etc/passwd" }, "OLLAMA_URL must be an http or https URL"],
    ["a password", { OLLAMA_URL: "http://me:pw@host" }, "OLLAMA_URL must hold no user and password"],
    ["a query string", { OLLAMA_URL: "http://host/?a=1" }, "OLLAMA_URL must end with its path"],
    ["a model with a space", { OLLAMA_MODEL: "my model" }, "OLLAMA_MODEL must be a model's name"],
    ["a token of two lines", { OLLAMA_TOKEN: "a\nb" }, "OLLAMA_TOKEN must be"],
    ["headers that are no JSON", { OLLAMA_HEADERS: "A: b" }, "OLLAMA_HEADERS must be a JSON object"],
    ["headers in a list", { OLLAMA_HEADERS: "[]" }, "OLLAMA_HEADERS must be a JSON object"],
    ["a header that is a number", { OLLAMA_HEADERS: '{"A":1}' }, "OLLAMA_HEADERS must be a JSON object"],
    ["seventeen headers", { OLLAMA_HEADERS: JSON.stringify(headers(17)) }, "of at most 16 texts"],
    ["a header's name with a colon", { OLLAMA_HEADERS: '{"A:":"b"}' }, 'OLLAMA_HEADERS: "A:" is no header\'s name'],
    [
      "a header's value with a line",
      { OLLAMA_HEADERS: '{"A":"b\\r\\nC: d"}' },
      "OLLAMA_HEADERS: the value of A must be",
    ],
    ["the host", { OLLAMA_HEADERS: '{"Host":"x"}' }, "must not hold Host: the call sets it itself"],
    ["a header twice", { OLLAMA_HEADERS: '{"a":"1","A":"2"}' }, "OLLAMA_HEADERS holds A twice"],
    ["both", { OLLAMA_TOKEN: "t", OLLAMA_HEADERS: '{"authorization":"x"}' }, "OLLAMA_TOKEN sets it"],
    ["a time in words", { OLLAMA_TIMEOUT_MS: "1m" }, "OLLAMA_TIMEOUT_MS must be a whole number from 1000 to 600000"],
    ["too short a time", { OLLAMA_TIMEOUT_MS: "999" }, "OLLAMA_TIMEOUT_MS must be a whole number from 1000 to 600000"],
  ])("given %s, then the message names the variable and what would be right", (_, wrong, words) => {
    const parse = () => parseOllamaConfig({ OLLAMA_URL, ...wrong });
    expect(parse).toThrow(BadOllamaConfig);
    expect(parse).toThrow(words);
  });

  test("given a wrong secret, then the message does not hold it", () => {
    const parse = () => parseOllamaConfig({ OLLAMA_URL, OLLAMA_HEADERS: '{"X-Key":"s3cret\\n"}', OLLAMA_TOKEN: "t" });
    expect(parse).toThrow(expect.objectContaining({ message: expect.not.stringContaining("s3cret") }));
    expect(() => parseOllamaConfig({ OLLAMA_URL, OLLAMA_TOKEN: "s3cret s3cret" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("s3cret") }),
    );
  });
});

function headers(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`X-${at}`, "v"]));
}
