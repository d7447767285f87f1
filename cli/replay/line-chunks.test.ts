import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BODY_BYTES_MAX } from "../../domain/event.ts";
import { lineChunks } from "./line-chunks.ts";

async function* partsOf(parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

async function cut(parts: readonly string[], chunk_bytes: number): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of lineChunks(partsOf(parts), chunk_bytes)) chunks.push(Buffer.from(chunk).toString("latin1"));
  return chunks;
}

describe("chunks of lines", () => {
  test("hold all bytes in their order, and each but the last ends with a newline", async () => {
    const part = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(part), fc.integer({ min: 1, max: 40 }), async (parts, chunk_bytes) => {
        const chunks = await cut(parts, chunk_bytes);
        expect(chunks.join("")).toBe(parts.join(""));
        expect(chunks.slice(0, -1).every((chunk) => chunk.endsWith("\n") && chunk.length >= chunk_bytes)).toBe(true);
        expect(chunks).not.toContain("");
      }),
    );
  });

  test("of a line without an end only what shows that it is too long is kept", async () => {
    const part = "x".repeat(1024 * 1024);
    const parts = [...Array.from({ length: 40 }, () => part), "\nnext\n"];
    const lines = (await cut(parts, 1)).join("").split("\n");
    expect(lines[0]!.length).toBeGreaterThan(BODY_BYTES_MAX);
    expect(lines[0]!.length).toBeLessThanOrEqual(BODY_BYTES_MAX + 1 + part.length);
    expect(lines.slice(1)).toEqual(["next", ""]);
  });

  test("given a source that breaks off, come as far as its whole lines go, then the error", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("a\nb\nto");
      throw new Error("torn");
    }
    const chunks: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const chunk of lineChunks(broken())) chunks.push(Buffer.from(chunk).toString());
    };
    await expect(reading).rejects.toThrow("torn");
    expect(chunks).toEqual(["a\nb\n"]);
  });
});
