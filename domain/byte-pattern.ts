/** Short fixed texts, compared in the bytes four at a time. */
import { asciiBytes } from "./ascii.ts";

/** A text of 8 to 16 bytes: its length, then its words at 0, 4, and 8 and 4 before its end. They overlap where it is short. */
export type BytePattern = Int32Array;

export function bytePattern(text: string): BytePattern {
  const length = text.length;
  if (length < 8 || length > 16) {
    throw new RangeError(`a byte pattern has 8 to 16 bytes, not ${length}`);
  }
  const view = new DataView(asciiBytes(text).buffer);
  return Int32Array.of(length, ...[0, 4, length - 8, length - 4].map((at) => view.getInt32(at, true)));
}

/** True where the pattern stands at `at`. */
export function patternAt(view: DataView, at: number, pattern: BytePattern): boolean {
  const end = at + pattern[0]!;
  return (
    end <= view.byteLength &&
    view.getInt32(at, true) === pattern[1] &&
    view.getInt32(at + 4, true) === pattern[2] &&
    view.getInt32(end - 8, true) === pattern[3] &&
    view.getInt32(end - 4, true) === pattern[4]
  );
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
