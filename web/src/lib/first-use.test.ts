import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { firstUse } from "./first-use.ts";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

test("given a laptop, then the first event is sent by the README's own line, which needs nothing to be set", () => {
  const { file, line } = firstUse("http://127.0.0.1:8787");
  expect(readme).toContain(`\n${line}\n`);
  expect(file).toBe(".dev.vars");
});

test("given another port or a deployment, then the line goes there, with the token that belongs to it", () => {
  expect(firstUse("http://127.0.0.1:9000").line).toContain("curl -s http://127.0.0.1:9000/v1/ingest");
  const deployed = firstUse("https://faultline.example.workers.dev");
  expect(deployed.line).toContain("https://faultline.example.workers.dev/v1/ingest");
  expect(deployed.line).toContain("'s/^INGEST_TOKEN=//p' .dev.vars.deployed)");
});
