/** Whatever a target is: what opens something stands in no answer, in no row of the database but sealed, and in no line of the audit log. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { SubscriptionItem } from "../domain/subscription.ts";
import { ADMIN, ask, VIEWER } from "../tests/admin-api.ts";

/** Long enough that it stands nowhere by chance. */
const word = fc.stringMatching(/^[a-z0-9]{20,30}$/);
const headers = fc.dictionary(fc.constantFrom("Authorization", "X-Api-Key", "X-Team"), word, { noNullPrototype: true });
const url = word.map((path) => `https://hooks.example.org/${path}`);
const whsec = fc.stringMatching(/^[a-z0-9]{40}$/).map((key) => `whsec_${key}`);

const target = fc.oneof(
  fc.record({ type: fc.constant("webhook"), url, secrets: fc.array(whsec, { maxLength: 2 }), headers }),
  fc.record({
    type: fc.constant("webhook"),
    url,
    preset: fc.constant("telegram"),
    params: word.map((token) => ({ chat_id: "1", token })),
    templates: headers.map((own) => ({ default: { body: '{"text": "{{title}}"}', headers: own } })),
  }),
  fc.record({ type: fc.constant("slack"), url }),
  fc.record({ type: fc.constant("slack"), token: word.map((key) => `xoxb-${key}`), channel: fc.constant("#alerts") }),
  fc.record({ type: fc.constant("pagerduty"), routing_key: fc.stringMatching(/^[a-z0-9]{32}$/) }),
  fc.record({ type: fc.constant("alertmanager"), url, headers }),
);

/** Words of the body that are long and made up, wherever they stand. */
function secretsOf(body: unknown): string[] {
  return [...new Set(JSON.stringify(body).match(/(?<![a-z0-9])[a-z0-9]{20,40}(?![a-z0-9])/g) ?? [])];
}

test("secrets go in and never come out", async () => {
  const said: string[] = [];
  for (const level of ["log", "info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((...words: unknown[]) => void said.push(words.map(String).join(" ")));
  await fc.assert(
    fc
      .asyncProperty(target, target, async (first, second) => {
        const answers: string[] = [];
        const tell = async (method: string, path: string, body?: object): Promise<string> => {
          for (const role of method === "GET" ? [VIEWER, ADMIN] : [ADMIN])
            answers.push(await (await ask(method, path, body, role)).text());
          return answers.at(-1)!;
        };
        const { id } = JSON.parse(
          await tell("POST", "/v1/subscriptions", { name: "Shop", target: first }),
        ) as SubscriptionItem;
        await tell("POST", "/v1/subscriptions", { name: "Shop", target: second });
        await tell("POST", "/v1/subscriptions", { name: "", target: { ...second, nonsense: second } });
        await tell("POST", "/v1/subscriptions/preview", { name: "x", target: second });
        await tell("POST", "/v1/subscriptions/preview", { id });
        await tell("PUT", `/v1/subscriptions/${id}`, { target: second });
        await tell("PUT", `/v1/subscriptions/${id}`, { target: { ...first, type: "irc" } });
        await tell("PUT", "/v1/subscriptions-as-code", {
          subscriptions: [{ name: "Shop", target: first }],
          dry_run: true,
        });
        await tell("PUT", "/v1/subscriptions-as-code", { subscriptions: [{ name: "New", target: first }] });
        await tell("GET", "/v1/subscriptions");
        await tell("GET", `/v1/subscriptions/${id}`);
        await tell("GET", "/v1/subscriptions-as-code");
        const rows = await Promise.all(
          ["subscriptions", "audit_log"].map((table) => env.DB.prepare(`SELECT * FROM ${table}`).all()),
        );
        const everything = [...answers, JSON.stringify(rows), ...said].join("\n");
        const secrets = secretsOf([first, second]);
        expect(secrets.length).toBeGreaterThan(0);
        for (const secret of secrets) expect(everything).not.toContain(secret);
      })
      .beforeEach(async () => {
        await reset();
        await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
        said.length = 0;
      }),
    { numRuns: 30 },
  );
  vi.restoreAllMocks();
}, 120_000);
