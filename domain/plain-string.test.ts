import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { viewOf } from "./byte-pattern.ts";
import { UNSURE } from "./plain-json.ts";
import { PlainStringReader } from "./plain-string.ts";

function read(bytes: Uint8Array, at: number): { end: number; hash: number } {
  const reader = new PlainStringReader(bytes, viewOf(bytes));
  const end = reader.read(at);
  return { end, hash: reader.hash };
}

/** What a byte by byte reading gives. */
function plainEnd(bytes: Uint8Array, at: number): number {
  for (let i = at + 1; i < bytes.length && bytes[at] === 34; i += 1) {
    if (bytes[i] === 34) {
      return i + 1;
    }
    if (bytes[i]! < 32 || bytes[i]! > 126 || bytes[i] === 92) {
      return UNSURE;
    }
  }
  return UNSURE;
}

const special = fc.constantFrom(34, 92, 31, 32, 33, 35, 91, 93, 126, 127, 128, 159, 160, 220, 255, 0, 10);
const byte = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 35, max: 91 }) }, { weight: 1, arbitrary: special });

describe("PlainStringReader", () => {
  it("ends a string where reading byte by byte ends it", () => {
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 24 }), (content) => {
        const bytes = Uint8Array.from([34, ...content]);
        expect(read(bytes, 0).end).toBe(plainEnd(bytes, 0));
      }),
      { numRuns: 20_000 },
    );
  });

  it("finds each byte that ends or spoils a string, at each place in a word", () => {
    for (let value = 0; value < 256; value += 1) {
      for (let place = 1; place <= 8; place += 1) {
        const bytes = new TextEncoder().encode('"abcdefghij"');
        bytes[place] = value;
        expect(read(bytes, 0).end).toBe(plainEnd(bytes, 0));
      }
    }
  });

  it("hashes the same bytes alike wherever they stand and whatever follows", () => {
    const text = fc.stringMatching(/^[a-z/]{0,20}$/);
    fc.assert(
      fc.property(text, text, text, (name, before, after) => {
        const alone = new TextEncoder().encode(`"${name}"`);
        const among = new TextEncoder().encode(`${before}"${name}"${after}`);
        expect(read(among, before.length).hash).toBe(read(alone, 0).hash);
      }),
    );
  });

  it("spreads names that differ only in a number over nearly as many slots", () => {
    const slots = new Set<number>();
    for (let i = 0; i < 1_000; i += 1) {
      slots.add(read(new TextEncoder().encode(`"service-${i}"`), 0).hash & 4095);
    }
    // Thrown at random, 1,000 names meet about 890 of 4,096 slots.
    expect(slots.size).toBeGreaterThan(800);
  });
});
