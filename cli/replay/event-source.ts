/** Where a replay's bytes come from: a file, or standard input for `-`; unpacked where they are gzip, whatever the name. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Failure, reasonOf } from "../failure.ts";

const READ_BYTES = 1024 * 1024;
/** RFC 1952, section 2.3.1. No line of JSON starts like this. */
const GZIP_MAGIC = [0x1f, 0x8b] as const;

export interface EventSource {
  readonly name: string;
  /** As stored; null where that cannot be known. */
  readonly size_bytes: number | null;
  /** How much of it was read, for a reader who wants to know how far it is. */
  readonly read_bytes: () => number;
  /** Throws what reading or unpacking throws. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A Failure where `path` is nothing that can be read. */
export async function openSource(path: string): Promise<EventSource> {
  let read_bytes = 0;
  async function* counted(stream: Readable): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      read_bytes += chunk.length;
      yield chunk;
    }
  }
  const size_bytes = path === "-" ? null : await sizeOf(path);
  const stream = path === "-" ? process.stdin : createReadStream(path, { highWaterMark: READ_BYTES });
  const name = path === "-" ? "standard input" : path;
  return { name, size_bytes, read_bytes: () => read_bytes, bytes: unpacked(counted(stream)) };
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new Failure(`${path} is a directory; name a file with one event a line.`);
    return found.isFile() ? found.size : null;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${path} cannot be read: ${reasonOf(error)}.`);
  }
}

async function* unpacked(packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const head = await firstBytes(packed, GZIP_MAGIC.length);
  const whole = joined(head, packed);
  if (!GZIP_MAGIC.every((byte, i) => head[i] === byte)) return yield* whole;
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  // What fails on the way ends the reading below with the same error, so there is nothing left to do here.
  pipeline(Readable.from(whole), gunzip, () => undefined);
  yield* gunzip as AsyncIterable<Uint8Array>;
}

/** At least `count` bytes, fewer only where there are no more. */
async function firstBytes(source: AsyncGenerator<Uint8Array>, count: number): Promise<Uint8Array> {
  let head = new Uint8Array(0);
  while (head.length < count) {
    const next = await source.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* joined(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}
