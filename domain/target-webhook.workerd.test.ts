/** The libraries behind webhooks, in the runtime that sends them: one of them is CommonJS. */
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { sampleMessage } from "./sample-message.ts";
import { checkTarget } from "./target-check.ts";
import { parseAllowedTargets } from "./target-url.ts";
import { requestOf } from "./targets.ts";
import type { WebhookTarget } from "./target.ts";

const SECRET = `whsec_${btoa("k".repeat(24))}`;
const TARGET: WebhookTarget = {
  type: "webhook",
  url: "https://hooks.example.org/x",
  secrets: [SECRET],
  headers: {},
  preset: null,
  params: {},
  templates: null,
};

function message() {
  return sampleMessage({ id: "sub_0123456789abcdef", wish: { name: "On call" } }, Date.now(), null);
}

test("a webhook is signed, and verified by the library", () => {
  const { body, headers } = requestOf(message(), TARGET, null, Date.now())!;
  expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ type: "test" });
});

test("a template is filled in", () => {
  const template = { url: null, body: '{"text":"{{title}}"}', headers: {} };
  const { body } = requestOf(message(), { ...TARGET, templates: { default: template } }, null, Date.now())!;
  expect(JSON.parse(body)).toEqual({ text: expect.stringContaining("31 % of requests failed") });
});

test("an address is judged as this runtime reads it", () => {
  const hosts = ["127.1", "2130706433", "0x7f.1", "017700000001", "[::ffff:7f00:1]", "127。0。0。1", "localhost."];
  const judged = hosts.map((host) =>
    checkTarget({ ...TARGET, url: `https://${host}/` }, parseAllowedTargets(undefined)),
  );
  expect(judged.map((problems) => problems.length)).toEqual(hosts.map(() => 1));
  expect(checkTarget(TARGET, parseAllowedTargets(undefined))).toEqual([]);
});
