/** The mapping that a sample suggests, with what the user said of single fields. */
import { REJECT_REASONS } from "../../domain/event.ts";
import { Failure } from "../failure.ts";
import { parseObject } from "../json-object.ts";
import { constant } from "./conversion.ts";
import { EVENT_FIELDS, type EventField, isOptional } from "./field-names.ts";
import { guessField, readAs } from "./guess.ts";
import type { FieldMapping } from "./mapping.ts";
import { fieldsOf, type MessageField } from "./message-fields.ts";
import type { Message } from "./sample.ts";
import { tryMapping } from "./trial.ts";
import { type Unit, UNITS } from "./unit-conversions.ts";

/** What the user knows of a field: `FIELD=PATH`, `FIELD=PATH:UNIT` or `FIELD="TEXT"`: what follows the sign. */
export type Told = ReadonlyMap<EventField, string>;

export interface ProposedField extends FieldMapping {
  readonly field: EventField;
  readonly doubt: string | null;
}

export interface Proposal {
  /** The messages are events as they are; `fields` is then empty. */
  readonly isEvent: boolean;
  readonly fields: readonly ProposedField[];
  /** Required ones for which nothing was found. */
  readonly missing: readonly EventField[];
}

/** Most messages are events already: they need no mapping, and those that are not would be none with one. */
const EVENTS_SHARE_MIN = 0.5;

export function propose(messages: readonly Message[], told: Told): Proposal {
  if (told.size === 0 && tryMapping(null, messages, 0).accepted > EVENTS_SHARE_MIN * messages.length)
    return { isEvent: true, fields: [], missing: [] };
  const objects = messages.map(({ bytes }) => parseObject(bytes)).filter((object) => object !== null);
  const fields = fieldsOf(objects);
  const proposed = EVENT_FIELDS.flatMap((field): ProposedField[] => {
    const said = told.get(field);
    if (said !== undefined) return [{ field, ...saidField(field, said, fields) }];
    const guess = guessField(field, fields, objects.length);
    return guess === null ? [] : [{ field, path: guess.path, conversion: guess.conversion, doubt: guess.doubt }];
  });
  const found = new Set(proposed.map(({ field }) => field));
  const missing = EVENT_FIELDS.filter((field) => !found.has(field) && !isOptional(field));
  return { isEvent: false, fields: proposed, missing };
}

/** @throws Failure with exit code 2 where a field's name is none, or named twice */
export function parseTold(options: readonly string[]): Told {
  const told = new Map<EventField, string>();
  for (const option of options) {
    const equals = option.indexOf("=");
    const field = EVENT_FIELDS.find((known) => known === option.slice(0, equals));
    const from = option.slice(equals + 1);
    if (field === undefined || from === "" || told.has(field))
      throw new Failure(
        `--field must be FIELD=PATH, each field once, such as latency_ms=http.took:us; the fields are ${EVENT_FIELDS.join(", ")}; not "${option}".`,
        2,
      );
    told.set(field, from);
  }
  return told;
}

function saidField(field: EventField, from: string, fields: readonly MessageField[]): FieldMapping & { doubt: null } {
  const text = /^"(.*)"$/.exec(from)?.[1];
  if (text !== undefined) {
    if (field === "service" || field === "caller" || field === "version" || field === "endpoint")
      return { path: null, conversion: constant(text), doubt: null };
    throw new Failure(
      `--field ${field}=... cannot be a text that is always the same: ${REJECT_REASONS[`invalid_${field}`]}`,
      2,
    );
  }
  const [, bare = from, unit_name] = /^(.*):(s|ms|us|ns)$/.exec(from) ?? [];
  const unit: Unit | null = UNITS.find((known) => known === unit_name) ?? null;
  const named = fields.find(({ path }) => path.join(".") === bare);
  if (named === undefined) throw new Failure(`no message has a field ${bare} (--field ${field}=${from}).`);
  return { path: named.path, conversion: readAs(field, named.path, named.values, unit).conversion, doubt: null };
}
