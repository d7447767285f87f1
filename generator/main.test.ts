/** The command as a person or `npm start` runs it: its lines, its exit codes, its end. */
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A receiver that takes everything, or answers each request with one status. */
async function receiver(
  status = 200,
): Promise<{ readonly url: string; readonly lines: string[]; readonly close: () => void }> {
  const lines: string[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const batch = Buffer.concat(chunks).toString().split("\n");
      if (status === 200) lines.push(...batch);
      response.writeHead(status).end(JSON.stringify({ accepted: batch.length, rejected: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  closers.push(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, lines, close };
}

/** Runs the command; `stopAfter`: a line that lets SIGTERM be sent. */
async function run(argv: readonly string[], stopAfter?: RegExp) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...argv], {
    env: { INGEST_TOKEN: "secret" },
  });
  closers.push(() => void child.kill("SIGKILL"));
  let out = "";
  let err = "";
  let asked_ms = Number.NaN;
  child.stdout.on("data", (chunk: Buffer) => {
    out += String(chunk);
    if (!stopAfter?.test(out) || !Number.isNaN(asked_ms)) return;
    asked_ms = Date.now();
    child.kill("SIGTERM");
  });
  child.stderr.on("data", (chunk: Buffer) => void (err += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, out, err, ending_ms: Date.now() - asked_ms };
}

describe("node generator/main.ts", { timeout: 30_000 }, () => {
  it("sends for the time it is told and says what it sent, as JSON lines", async () => {
    const { url, lines } = await receiver();
    const { code, out } = await run(["--url", url, "--rate", "500", "--duration", "1s", "--json"]);
    const [start, ...rest] = out
      .trim()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(code).toBe(0);
    expect(start).toMatchObject({ kind: "start", rate: 500, services: ["checkout", "payments", "search"] });
    expect(rest.at(-1)).toMatchObject({ kind: "summary", sent: lines.length, rejected: 0 });
    expect(lines.length).toBeGreaterThan(350);
    expect(lines.length).toBeLessThan(650);
  });

  it("asks for faults on purpose, goes on without an answer, and ends with its time", async () => {
    const { url } = await receiver();
    const { code, out } = await run(["--url", url, "--demo", "--rate", "50", "--duration", "1s"]);
    expect(code).toBe(0);
    expect(out).toMatch(/cannot ask http:\S+ what to break \(demo mode is off there\)/);
    expect(out).toMatch(/sent \d+ events in/);
  });

  it("sends the tour's past in seconds, and ends promptly with code 0 when asked to", async () => {
    const { url, lines } = await receiver();
    const { code, out, ending_ms } = await run(["--url", url, "--tour"], / 100 % sent/);
    expect(code).toBe(0);
    expect(out).toMatch(/FAULT {2}payments: latency x 6\.0/);
    expect(out).toMatch(/sent [\d,]+ events in/);
    expect(ending_ms).toBeLessThan(2000);
    expect(lines.length).toBeGreaterThan(214_000);
  });

  it("waits for a receiver that is not there, and ends promptly", async () => {
    const { url, close } = await receiver();
    close();
    const { code, out, ending_ms } = await run(["--url", url], /cannot take events \(connect ECONNREFUSED .*\)/);
    expect(code).toBe(0);
    expect(out).toMatch(/trying again until it can/);
    expect(ending_ms).toBeLessThan(2000);
  });

  it.each([401, 403])("stops with one line and code 3 on %i", async (status) => {
    const { url } = await receiver(status);
    const { code, err } = await run(["--url", url]);
    expect(code).toBe(3);
    expect(err).toMatch(/^generator: .* refuses the ingest token .*\n$/);
  });

  it("refuses a wrong option with one line and code 2", async () => {
    const { code, out, err } = await run(["--rate", "many"]);
    expect({ code, out, err }).toEqual({
      code: 2,
      out: "",
      err: 'generator: --rate must be a whole number from 1 to 20000, not "many".\n',
    });
  });

  it("says in one line that Kafka cannot be reached", async () => {
    const { code, err } = await run(["--sink", "kafka", "--brokers", "127.0.0.1:1"]);
    expect(code).toBe(1);
    expect(err).toMatch(/^generator: Kafka at 127\.0\.0\.1:1 cannot be used: .*\n$/);
  });
});
