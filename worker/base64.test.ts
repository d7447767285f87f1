import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { base64OfHex, hexOfBase64 } from "./base64.ts";

test("bytes are the same in base64 and in hex, both ways", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      expect(hexOfBase64(buffer.toString("base64"))).toBe(buffer.toString("hex").toUpperCase());
      expect(base64OfHex(buffer.toString("hex"))).toBe(buffer.toString("base64"));
    }),
  );
});

test("what is no base64 throws", () => {
  expect(() => hexOfBase64("§")).toThrow(/character/i);
});
