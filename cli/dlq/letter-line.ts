/** A letter as one line of JSON: what `--export` writes, people or scripts repair, and `--import` reads. */
import { Buffer } from "node:buffer";
import { isObject, parseObject } from "../json-object.ts";
import type { Letter } from "./letter.ts";

/** One of `event`, `text` and `base64` is what was refused: as an object where it is one, as text, as bytes. */
export interface LetterLine {
  readonly letter: string;
  readonly reason: string;
  readonly detail: string;
  readonly event?: Readonly<Record<string, unknown>>;
  readonly text?: string;
  readonly base64?: string;
}

export function letterLine(letter: Letter): LetterLine {
  return { letter: letter.id, reason: letter.reason, detail: letter.detail, ...valueFields(letter.value) };
}

function valueFields(value: Uint8Array): Pick<LetterLine, "event" | "text" | "base64"> {
  const bytes = Buffer.from(value);
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) return { base64: bytes.toString("base64") };
  const event = parseObject(value);
  return event === null ? { text } : { event };
}

export interface Repair {
  readonly line: number;
  /** The id of the letter. */
  readonly letter: string;
  readonly value: Uint8Array;
}

export interface WrongLine {
  readonly line: number;
  readonly problem: string;
}

/** Reads the repaired lines; blank ones are none. Of a letter that is named twice the second line is wrong. */
export function parseRepairs(text: string): { readonly repairs: Repair[]; readonly wrong: WrongLine[] } {
  const repairs: Repair[] = [];
  const wrong: WrongLine[] = [];
  const named = new Set<string>();
  for (const [index, line_text] of text.split("\n").entries()) {
    if (line_text.trim() === "") continue;
    const line = index + 1;
    const read = parseRepair(line_text);
    if (typeof read === "string") wrong.push({ line, problem: read });
    else if (named.has(read.letter)) wrong.push({ line, problem: `the letter ${read.letter} was named before` });
    else {
      named.add(read.letter);
      repairs.push({ line, ...read });
    }
  }
  return { repairs, wrong };
}

function parseRepair(text: string): Omit<Repair, "line"> | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Why the parser stumbled helps nobody beside the line's number.
    return "it is not JSON";
  }
  if (typeof json !== "object" || json === null || !("letter" in json) || typeof json.letter !== "string")
    return "it must have `letter` as it was exported";
  const values = [
    "event" in json ? bytesOfEvent(json.event) : null,
    "text" in json && typeof json.text === "string" ? Buffer.from(json.text, "utf8") : null,
    "base64" in json && typeof json.base64 === "string" ? Buffer.from(json.base64, "base64") : null,
  ].filter((bytes) => bytes !== null);
  const [value, ...more] = values;
  return value === undefined || more.length > 0
    ? "it must have exactly one of `event` (an object), `text` and `base64`"
    : { letter: json.letter, value };
}

function bytesOfEvent(event: unknown): Uint8Array | null {
  return isObject(event) ? Buffer.from(JSON.stringify(event), "utf8") : null;
}
