/** JSON of others, of which only objects count. */
import { Buffer } from "node:buffer";

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON object that the bytes are; null where they are none. Invalid UTF-8 is replaced, as Connect does. */
export function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return isObject(parsed) ? parsed : null;
  } catch {
    // Samples and dead letters may hold what is no JSON: what it is called then is the caller's business.
    return null;
  }
}
