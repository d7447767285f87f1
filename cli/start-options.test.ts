import { describe, expect, test } from "vitest";
import { Failure } from "./failure.ts";
import { parseStartOptions } from "./start-options.ts";

describe("npm start", () => {
  test("given no option, listens on this machine alone and generates", () => {
    expect(parseStartOptions([])).toEqual({
      host: "127.0.0.1",
      port: 8787,
      rate: 30,
      generator: true,
      fresh: false,
      help: false,
    });
  });

  test("takes each option, and an IPv6 address with or without brackets", () => {
    const all = ["--host", "[::1]", "--port=9000", "--rate", "20000", "--no-generator", "--fresh", "--help"];
    expect(parseStartOptions(all)).toEqual({
      host: "::1",
      port: 9000,
      rate: 20_000,
      generator: false,
      fresh: true,
      help: true,
    });
    expect(parseStartOptions(["--host", "::1"]).host).toBe("::1");
  });

  test.each([
    [["--port", "0"], "--port"],
    [["--port", "65536"], "--port"],
    [["--port", "87x"], "--port"],
    [["--port", "1e3"], "--port"],
    [["--rate", "0"], "--rate"],
    [["--rate", "20001"], "--rate"],
    [["--prot", "80"], "--prot"],
    [["now"], "now"],
    [["--rate"], "--rate"],
  ])("given %j, refuses with exit code 2 and one line that names %s", (argv, name) => {
    const refusal = refusalOf(argv);
    expect(refusal.exitCode).toBe(2);
    expect(refusal.message).toContain(name);
    expect(refusal.message).not.toContain("\n");
  });
});

function refusalOf(argv: readonly string[]): Failure {
  try {
    parseStartOptions(argv);
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error("expected a refusal");
}
