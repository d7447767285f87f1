import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { connectWays, readWay, WAYS } from "./connect-ways.ts";

const LAPTOP = "http://127.0.0.1:8787";
const root = new URL("../../../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const commands = (origin: string) =>
  connectWays(origin).flatMap(({ steps }) => steps.map(({ command }) => command ?? ""));

test("the address says which way is shown", () => {
  expect(readWay(new URLSearchParams("connect=access-log"))).toBe("access-log");
  expect(readWay(new URLSearchParams("connect=pigeon"))).toBe("http");
  expect(connectWays(LAPTOP).map(({ name }) => name)).toEqual(WAYS);
});

test("every file that a way names is there", () => {
  const text = connectWays(LAPTOP).flatMap(({ steps }) => steps.flatMap((step) => [step.text, step.command ?? ""]));
  const files = text.join(" ").match(/bridge\/[\w./-]+/g) ?? [];
  expect(files.length).toBeGreaterThan(6);
  for (const file of files) expect([file, existsSync(new URL(file, root))]).toEqual([file, true]);
});

test("the bridge is started by the README's own lines", () => {
  const [kafka] = connectWays(LAPTOP).filter(({ name }) => name === "kafka");
  for (const { command } of kafka!.steps.slice(0, 2)) expect(readme).toContain(`\n${command}\n`);
});

test("another address is told to everything that sends", () => {
  const elsewhere = commands("https://faultline.example.workers.dev");
  const senders = elsewhere.filter((command) => /redpanda-connect|curl/.test(command));
  expect(senders).toHaveLength(4);
  for (const command of senders) {
    expect(command).toContain("https://faultline.example.workers.dev");
    expect(command).toContain(".dev.vars.deployed");
  }
  expect(commands(LAPTOP).join(" ")).not.toContain("FAULTLINE_URL");
});
