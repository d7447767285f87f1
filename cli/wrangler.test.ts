import { describe, expect, test } from "vitest";
import { devCommand, errorIn } from "./wrangler.ts";

describe("wrangler's reason", () => {
  test("is its error line, without colours, as a sentence", () => {
    const output = [
      "Migrations to be applied:",
      '\u001b[31m✘ \u001b[41;31m[\u001b[41;97mERROR\u001b[41;31m]\u001b[0m \u001b[1mnear "TABLEX": syntax error at offset 7\u001b[0m',
      "",
      '🪵  Logs were written to "somewhere"',
    ].join("\n");
    expect(errorIn(output)).toBe('near "TABLEX": syntax error at offset 7.');
  });

  test("given no error line, is the last line that is a sentence", () => {
    expect(errorIn("Resolving\nIt stopped here.\n\n🪵  Logs were written\n")).toBe("It stopped here.");
    expect(errorIn("")).toBe("no reason given.");
  });
});

test("wrangler dev gets address and port, and opens no other port", () => {
  const command = devCommand("::1", 9000);
  expect(command).toContain("--ip=::1");
  expect(command).toContain("--port=9000");
  expect(command).toContain("--inspector-port=0");
});

test("wrangler dev is told variables, with colons in them", () => {
  const command = devCommand("127.0.0.1", 9000, { PUBLIC_URL: "http://[::1]:9000", ALLOWED_TARGETS: "[::1]" });
  expect(command.slice(-2)).toEqual(["--var=PUBLIC_URL:http://[::1]:9000", "--var=ALLOWED_TARGETS:[::1]"]);
});
