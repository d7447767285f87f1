/** A mapping from a topic's messages to events: as TypeScript, for the trial, and as Bloblang, for the bridge. */
import { Buffer } from "node:buffer";
import { parseObject } from "../json-object.ts";
import { type Conversion, HELPERS } from "./conversion.ts";
import { EVENT_FIELDS, type EventField } from "./field-names.ts";
import { bloblangPath, type Path, valueAt } from "./message-fields.ts";

export interface FieldMapping {
  /** Null: a constant. */
  readonly path: Path | null;
  readonly conversion: Conversion;
}

/** Null: the messages are events as they are. */
export type Mapping = ReadonlyMap<EventField, FieldMapping> | null;

/** The event's bytes; the message's own where it is no JSON object. */
export function mapMessage(mapping: Mapping, bytes: Uint8Array): Uint8Array {
  const message = mapping === null ? null : parseObject(bytes);
  if (mapping === null || message === null) return bytes;
  const event: Record<string, unknown> = {};
  for (const [field, { path, conversion }] of mapping) {
    event[field] = conversion.apply(path === null ? null : valueAt(message, path)) ?? null;
  }
  return Buffer.from(JSON.stringify(event), "utf8");
}

const IDENTITY = `map event {
  root = this
}
`;

const EVENT = `map event {
  # A dead letter that was sent back (\`faultline dlq replay\`) holds an event already.
  let message = if @faultline_event == null { this.parse_json() } else { null }
  root = if $message.type() == "object" { $message.apply("own") } else { this }
}
`;

/** The text of a mapping.blobl; `head` stands above it as a comment. */
export function bloblangText(mapping: Mapping, head: readonly string[]): string {
  const comment = head.map((line) => `# ${line}\n`).join("");
  if (mapping === null) return `${comment}${IDENTITY}`;
  const fields = EVENT_FIELDS.flatMap((field) => {
    const mapped = mapping.get(field);
    if (mapped === undefined) return [];
    const value = mapped.path === null ? "" : bloblangPath(mapped.path);
    return [`  root.${field} = ${mapped.conversion.bloblang(value)}\n`];
  });
  const helpers = [...new Set([...mapping.values()].flatMap(({ conversion }) => conversion.helpers))];
  const own = `map own {\n${fields.join("")}}\n`;
  return [`${comment}${EVENT}`, own, ...helpers.map((helper) => `${HELPERS[helper]}\n`)].join("\n");
}
