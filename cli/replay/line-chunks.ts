/** Cuts bytes into chunks of whole lines, large enough that reading one costs little beside its lines. */
import { NEWLINE } from "../../domain/ascii.ts";
import { BODY_BYTES_MAX } from "../../domain/event.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * Chunks end with a newline, the last one as the bytes end. Where the source throws, the whole lines so far come first. Of a line
 * longer than an event may be only so much is kept that it is still too long: memory is bounded whatever comes.
 */
export async function* lineChunks(
  source: AsyncIterable<Uint8Array>,
  chunk_bytes = CHUNK_BYTES,
): AsyncGenerator<Uint8Array> {
  const parts = new Parts();
  try {
    for await (const part of source) {
      parts.add(part);
      if (parts.whole_bytes >= chunk_bytes) yield parts.takeWhole();
    }
  } catch (error) {
    if (parts.whole_bytes > 0) yield parts.takeWhole();
    throw error;
  }
  if (parts.length > 0) yield parts.takeAll();
}

class Parts {
  length = 0;
  #parts: Uint8Array[] = [];
  /** Bytes after the last newline. */
  #open = 0;

  /** Bytes up to the last newline. */
  get whole_bytes(): number {
    return this.length - this.#open;
  }

  add(part: Uint8Array): void {
    const last = part.lastIndexOf(NEWLINE);
    if (last < 0 && this.#open > BODY_BYTES_MAX) return;
    this.#parts.push(part);
    this.length += part.length;
    this.#open = last < 0 ? this.#open + part.length : part.length - last - 1;
  }

  takeWhole(): Uint8Array {
    const [whole, open] = [this.whole_bytes, this.#open];
    const all = this.takeAll();
    this.#parts = [all.subarray(whole)];
    this.length = open;
    this.#open = open;
    return all.subarray(0, whole);
  }

  takeAll(): Uint8Array {
    // Most often there is one part: then nothing is copied.
    const all = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts, this.length);
    this.#parts = [];
    this.length = 0;
    this.#open = 0;
    return all;
  }
}
