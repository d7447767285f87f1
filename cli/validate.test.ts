import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";

vi.setConfig({ testTimeout: 30_000 });

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-validate-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const validate = (...args: readonly string[]) => run([process.execPath, "cli/faultline.mjs", "validate", ...args]);

describe("faultline validate", () => {
  test("given a right file, ends with 0", async () => {
    const file = fileWith("right.json", '{"services":[{"match":"checkout-*","sla_ms":800}]}');
    expect(await validate(file)).toEqual({ code: 0, output: `${file} is right.\n` });
    expect(await validate(file, "--json")).toEqual({
      code: 0,
      output: `${JSON.stringify({ file, valid: true, problems: [] })}\n`,
    });
  });

  test("given a wrong file, ends with 1 and names each problem with its path and what would be right", async () => {
    const file = fileWith("wrong.json", '{"defaults":{"sla_ms":0,"slo":{"availability":0.5}}}');
    const sentences = [
      `${file}: defaults.sla_ms must be null (latency is not judged) or a number of milliseconds from 1 to 3600000, not 0`,
      `${file}: defaults.slo.availability must be the share of requests that must succeed, from 0.9 to 0.99999, not 0.5`,
    ];
    expect(await validate(file)).toEqual({ code: 1, output: `${sentences.join("\n")}\n` });
    const { code, output } = await validate(file, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ valid: false, problems: [{ path: "defaults.sla_ms" }, {}] });
  });

  test("given no such file, ends with 1; given a wrong option or a second file, with 2; each in one line", async () => {
    const answers = [await validate(join(folder, "none.json")), await validate("--jason"), await validate("a", "b")];
    expect(answers.map(({ code }) => code)).toEqual([1, 2, 2]);
    for (const { output } of answers) expect(output.trimEnd().split("\n")).toHaveLength(1);
  });

  test("prints the JSON schema that the repository holds for editors", async () => {
    const { code, output } = await validate("--schema");
    expect(code).toBe(0);
    expect(JSON.parse(output)).toEqual(JSON.parse(readFileSync(join(ROOT, "faultline.schema.json"), "utf8")));
  });
});

describe("faultline validate of subscriptions and silences", () => {
  test("names what is wrong, and shows none of their secrets", async () => {
    const url = "https://user:very-secret@hooks.example.org/";
    const subscriptions = [{ name: "shop", target: { type: "webhook", url } }];
    const file = fileWith("secret.json", JSON.stringify({ subscriptions, silences: [{}] }));
    const { code, output } = await validate(file);
    expect(code).toBe(1);
    expect(output).toContain(`${file}: silences[0].ends_at is missing; it must be an RFC 3339 time`);
    const alone = await validate(fileWith("alone.json", JSON.stringify({ subscriptions })));
    expect(alone.output).toContain("subscriptions[0].target.url must have no user or password before its host");
    expect(`${output}${alone.output}`).not.toContain("very-secret");
  });
});

describe("faultline settings", () => {
  const settings = (...args: readonly string[]) => run([process.execPath, "cli/faultline.mjs", "settings", ...args]);

  test.each([
    [[], "`show [SERVICE]` or `apply [FILE]`"],
    [["change"], "`show [SERVICE]` or `apply [FILE]`"],
    [["apply", "--if-version", "new"], "--if-version"],
    [["show", "--url", "localhost"], "--url"],
  ])("given %j, ends with exit code 2 and one line", async (args, named) => {
    const { code, output } = await settings(...args);
    expect(code).toBe(2);
    expect(output).toContain(named);
    expect(output.trimEnd().split("\n")).toHaveLength(1);
  });

  test("given a file without any settings, changes none", async () => {
    const { code, output } = await settings(
      "apply",
      fileWith("code.json", '{"silences":[]}'),
      "--url",
      "http://127.0.0.1:9",
    );
    expect(code).toBe(1);
    expect(output).toContain("has no settings; its subscriptions and silences are for `faultline apply`.");
  });

  test("names what is wrong in a file before it asks any server", async () => {
    const file = fileWith("unsent.json", '{"service":[]}');
    const { code, output } = await settings("apply", file, "--url", "http://127.0.0.1:9");
    expect(code).toBe(1);
    expect(output).toContain(
      "service is unknown: the members are $schema, services_max, defaults, services, subscriptions, silences",
    );
  });
});
