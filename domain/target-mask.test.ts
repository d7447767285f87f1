import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { aWebhook } from "../tests/message-example.ts";
import { maskedAnswer, withoutTexts } from "./target-mask.ts";
import { type Escaping, render, type TemplateView } from "./target-template.ts";

describe("a secret in a text", () => {
  test.each<Escaping>(["json", "url", "header", "form", "markup", "text"])(
    "is not read in it, escaped for %s as templates are",
    (escaping) => {
      fc.assert(
        fc.property(fc.string({ minLength: 4, unit: "grapheme" }), (secret) => {
          const view = { params: { key: secret } } as unknown as TemplateView;
          const body = render("<{{params.key}}>", view, escaping);
          expect(withoutTexts(body, [secret])).toBe("<…>");
        }),
      );
    },
  );

  test("leaves no rest of itself where another is its beginning", () => {
    expect(withoutTexts("key-1-long", ["key-1", "key-1-long"])).toBe("…");
    expect(withoutTexts("as it is", [""])).toBe("as it is");
  });
});

describe("what a target answers", () => {
  const target = aWebhook({
    url: "https://hooks.example.org/hook/path-is-secret?token=query-is-secret",
    secrets: ["whsec_signing-is-secret"],
    headers: { Authorization: "Bearer header-is-secret", "X-Priority": "5" },
    params: { chat_id: "-1001", api_key: "param-is-secret" },
  });

  test.each([
    ["Cannot POST /hook/path-is-secret?token=query-is-secret", "Cannot POST …"],
    ["no route /hook/path-is-secret", "no route …"],
    ["unknown hook path-is-secret", "unknown hook …"],
    ["wrong token query-is-secret", "wrong token …"],
    ['{"got":"Bearer header-is-secret"}', '{"got":"…"}'],
    ["header-is-secret is no token", "… is no token"],
    ["param-is-secret, signed by whsec_signing-is-secret", "…, signed by …"],
  ])("%s", (said, shown) => {
    expect(maskedAnswer(said, target)).toBe(shown);
  });

  test("is as it was where it quotes nothing, however short a header or a path is", () => {
    for (const said of ["at 5 o'clock", "/ is not hook", "chat -1001 was not found at hooks.example.org"])
      expect(maskedAnswer(said, target)).toBe(said);
    expect(maskedAnswer("a/b", aWebhook({ url: "https://hooks.example.org/" }))).toBe("a/b");
  });
});
