/** The sample: messages of a topic, one a line, or as a JSON array or a single object over any lines. */
import { Buffer } from "node:buffer";
import { Failure, reasonOf } from "../failure.ts";
import { openSource } from "../replay/event-source.ts";

const SAMPLE_BYTES_MAX = 64 * 1024 * 1024;

export interface Message {
  /** Its line, or its place in the array; from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** A Failure where there is nothing to read, or too much for a sample. */
export async function readSample(path: string): Promise<readonly Message[]> {
  const source = await openSource(path);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of source.bytes) {
      parts.push(part);
      bytes += part.length;
      if (bytes > SAMPLE_BYTES_MAX)
        throw new Failure(
          `${source.name} is larger than ${SAMPLE_BYTES_MAX / 1024 / 1024} MiB: a sample of some thousand messages is enough.`,
        );
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${source.name} cannot be read: ${reasonOf(error)}.`);
  }
  const messages = messagesOf(Buffer.concat(parts));
  if (messages.length === 0) throw new Failure(`${source.name} holds no message.`);
  return messages;
}

export function messagesOf(content: Buffer): readonly Message[] {
  const whole = parsedWhole(content);
  if (Array.isArray(whole)) {
    return whole.map((value, index) => ({ number: index + 1, bytes: Buffer.from(JSON.stringify(value), "utf8") }));
  }
  if (whole !== null) return [{ number: 1, bytes: content }];
  const messages: Message[] = [];
  let number = 1;
  for (let at = 0; at < content.length; number += 1) {
    const newline = content.indexOf(0x0a, at);
    const end = newline < 0 ? content.length : newline;
    const bytes = content.subarray(at, end);
    if (bytes.toString("latin1").trim() !== "") messages.push({ number, bytes });
    at = end + 1;
  }
  return messages;
}

/** An array or an object that is all of the content; null where it is none, as with one message a line. */
function parsedWhole(content: Buffer): object | null {
  try {
    const parsed: unknown = JSON.parse(content.toString("utf8"));
    return typeof parsed === "object" ? parsed : null;
  } catch {
    // Most samples are lines, which as a whole are no JSON.
    return null;
  }
}
