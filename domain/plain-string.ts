/** Finds the end of a plain JSON string and hashes it on the way, four bytes at a time. */
import { BACKSLASH, QUOTE, SPACE, TILDE } from "./ascii.ts";
import { UNSURE } from "./plain-json.ts";

/** Odd multipliers of Murmur3's finaliser (A. Appleby, public domain); the first also mixes each word in. */
const MIX_A = 0x85ebca6b | 0;
const MIX_B = 0xc2b2ae35 | 0;
/** Hashes stay below 2^30, so that every engine keeps them as small integers. */
const HASH_MASK = 0x3fffffff;

export class PlainStringReader {
  /** Of the string read last: the same for the same bytes wherever they stand, from 0 to 2^30 - 1. */
  hash = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, view: DataView) {
    this.bytes = bytes;
    this.view = view;
  }

  /** Reads a string of printable ASCII without escapes whose quote stands at `at`; returns where it ends (after its quote) or UNSURE. */
  read(at: number): number {
    const { bytes, view } = this;
    const { length } = bytes;
    if (at >= length || bytes[at] !== QUOTE) {
      return UNSURE;
    }
    let hash = 0;
    let i = at + 1;
    for (const words_end = length - 4; i <= words_end; i += 4) {
      const word = view.getInt32(i, true);
      if (holdsSpecial(word)) {
        break;
      }
      hash = Math.imul(hash ^ word, MIX_A);
      hash ^= hash >>> 15;
    }
    for (; i < length; i += 1) {
      const byte = bytes[i]!;
      if (byte === QUOTE) {
        hash = Math.imul(hash ^ (hash >>> 13), MIX_B);
        this.hash = (hash ^ (hash >>> 16)) & HASH_MASK;
        return i + 1;
      }
      if (byte < SPACE || byte > TILDE || byte === BACKSLASH) {
        return UNSURE;
      }
      hash = Math.imul(hash ^ byte, MIX_A);
    }
    return UNSURE;
  }
}

/**
 * True where one of the four bytes is a quote, a backslash, a control character or beyond ASCII. The tests for a zero byte and for a
 * byte below n are exact over all four: S. E. Anderson, "Bit Twiddling Hacks".
 */
function holdsSpecial(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const below_space = (word - 0x20202020) & ~word;
  const above_tilde = (word + 0x01010101) | word;
  const named = ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
  return ((below_space | above_tilde | named) & 0x80808080) !== 0;
}
