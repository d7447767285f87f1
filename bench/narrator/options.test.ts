import { describe, expect, test } from "vitest";
import { parseEvalOptions } from "./options.ts";

describe("the evaluation's options", () => {
  test("given none, then the template alone over all packs", () => {
    expect(parseEvalOptions([], { OLLAMA_URL: "http://models:1" })).toEqual({
      model: null,
      packs: "*",
      json: false,
      help: false,
    });
  });

  test("given a model, then where the variables say, unless --url does, with the Worker's other variables", () => {
    expect(parseEvalOptions(["--model", "m:1"], {}).model).toMatchObject({
      url: "http://127.0.0.1:11434",
      model: "m:1",
    });
    const env = { OLLAMA_URL: "http://models:1", OLLAMA_MODEL: "other", OLLAMA_TOKEN: "t", OLLAMA_TIMEOUT_MS: "90000" };
    expect(parseEvalOptions(["--model", "m"], env).model).toEqual({
      url: "http://models:1",
      model: "m",
      token: "t",
      timeout_ms: 90_000,
    });
    expect(parseEvalOptions(["--model", "m", "--url", "https://x/y/"], env).model?.url).toBe("https://x/y");
  });

  test.each([
    [["--url", "http://x"], {}, "--url needs --model"],
    [["--model", "m", "--url", "ftp://x"], {}, "--url must be an http or https URL"],
    [["--model", "a b"], {}, "--model must be a model's name"],
    [["--model", "m"], { OLLAMA_URL: "nowhere" }, "OLLAMA_URL must be"],
    [["--model", "m"], { OLLAMA_HEADERS: "[]" }, "OLLAMA_HEADERS must be"],
    [["--modle", "m"], {}, "Unknown option '--modle'"],
  ] as const)("given %j, refuses and names it", (argv, env, says) => {
    expect(() => parseEvalOptions(argv, env)).toThrow(says);
  });
});
