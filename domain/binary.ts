/**
 * Compact encoding for what an object stores and what crosses an RPC: unsigned varints (LEB128, up to 2^53 - 1), doubles
 * and length-prefixed UTF-8. The format of each thing stands beside that thing; this file knows only the primitives.
 */

const textEncoder = new TextEncoder();
/** Characters of a text that is looked through one by one. */
const SHORT_MAX = 64;
const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class BinaryWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** A whole number from 0 to 2^53 - 1. */
  uint(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    // Bit operations work on 32 bits only; larger numbers are divided until they fit.
    while (rest >= 0x8000_0000) {
      bytes[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      bytes[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  bytes(value: Uint8Array): void {
    this.uint(value.length);
    this.raw(value);
  }

  /** Bytes without a length: the reader must know where they end. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  text(value: string): void {
    if (value.length > SHORT_MAX || !this.#ascii(value)) this.bytes(textEncoder.encode(value));
  }

  /** Most names are short and ASCII, and for those the encoder costs more than it does. False, and nothing written, for others. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.#reserve(length + 8);
    const start = this.#length;
    this.uint(length);
    const bytes = this.#bytes;
    for (let i = 0; i < length; i += 1) {
      const code = value.charCodeAt(i);
      if (code >= 128) {
        this.#length = start;
        return false;
      }
      bytes[this.#length + i] = code;
    }
    this.#length += length;
    return true;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  /** Forgets what was written. */
  restart(): void {
    this.#length = 0;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Writers that are not in use, with the memory that they have grown to. */
const spare: BinaryWriter[] = [];
/** A writer that had to grow beyond it is let go of. */
const SPARE_BYTES_MAX = 262_144;

/** The bytes of what `write` writes. Thousands of small things are encoded a second: each would else allocate its own room. */
export function encoded(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = spare.pop() ?? new BinaryWriter();
  write(writer);
  const bytes = writer.finish();
  if (writer.capacity <= SPARE_BYTES_MAX) {
    writer.restart();
    spare.push(writer);
  }
  return bytes;
}

/** Reads what BinaryWriter wrote. Throws a RangeError where the bytes end too early: stored bytes that do not parse are a bug. */
export class BinaryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  uint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError("the encoded bytes end inside a number");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  double(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** A view into the source, not a copy. */
  bytes(): Uint8Array {
    const length = this.uint();
    if (this.#at + length > this.#bytes.length) throw new RangeError("the encoded bytes end inside a field");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return textDecoder.decode(this.bytes());
  }
}
