/** Cuts bytes into chunks of whole lines, large enough that reading one costs little beside its lines. */
import { NEWLINE } from "../../domain/ascii.ts";
import { BODY_BYTES_MAX } from "../../domain/event.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * Chunks end with a newline, the last one as the bytes end. Of a line longer than an event may be only so much is kept that
 * it is still too long: memory is bounded whatever comes.
 */
export async function* lineChunks(
  source: AsyncIterable<Uint8Array>,
  chunk_bytes = CHUNK_BYTES,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  /** Bytes after the last newline. */
  let open = 0;
  for await (const part of source) {
    const last = part.lastIndexOf(NEWLINE);
    if (last < 0 && open > BODY_BYTES_MAX) continue;
    parts.push(part);
    length += part.length;
    open = last < 0 ? open + part.length : part.length - last - 1;
    if (length - open < chunk_bytes) continue;
    const whole = Buffer.concat(parts, length);
    yield whole.subarray(0, length - open);
    parts = [whole.subarray(length - open)];
    length = open;
  }
  if (length > 0) yield Buffer.concat(parts, length);
}
