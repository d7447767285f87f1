/** The dead letters for people: a row for each reason, what is wrong, and samples. */
import { Buffer } from "node:buffer";
import { REJECT_REASONS } from "../../domain/event.ts";
import { dateAndTime, number, printable } from "../plain-text.ts";
import { tableLines } from "../text-table.ts";
import type { LetterLine } from "./letter-line.ts";
import type { BoxSummary, ReasonSummary } from "./letter-summary.ts";

const HEADERS = ["REASON", "LETTERS", "SENT BACK", "FIRST (UTC)", "LAST (UTC)", "SERVICES"] as const;
const SERVICES_SHOWN = 3;
const SAMPLE_WIDTH_MAX = 120;

export function letterTable(summary: BoxSummary): string[] {
  const { topic, letters, replayed, records, repeats, foreign, reasons } = summary;
  if (records === 0) return [`${topic} holds no letters.`];
  const notes = [
    `${number(replayed)} sent back`,
    `${number(repeats)} repeated`,
    ...(foreign === 0 ? [] : [`${number(foreign)} records that are no letters`]),
  ];
  const head = `${topic}: ${number(letters)} letters of ${number(reasons.length)} reasons (${notes.join(", ")})`;
  return [head, "", ...tableLines(HEADERS, reasons.map(cellsOf)), ...reasons.flatMap(sampleLines)];
}

function cellsOf({ reason, letters, replayed, first, last, services }: ReasonSummary): readonly string[] {
  const shown = services.slice(0, SERVICES_SHOWN).map(({ service }) => printable(service).slice(0, 63));
  const more = services.length - shown.length;
  const names = more > 0 ? [...shown, `${number(more)} more`] : shown;
  return [
    printable(reason),
    number(letters),
    number(replayed),
    dateAndTime(first),
    dateAndTime(last),
    names.join(", "),
  ];
}

function sampleLines({ reason, samples }: ReasonSummary): string[] {
  if (samples.length === 0) return [];
  const means = Object.entries(REJECT_REASONS).find(([known]) => known === reason)?.[1] ?? "";
  return ["", `${printable(reason)}${means === "" ? "" : `: ${means}`}`, ...samples.flatMap(sampleLine)];
}

function sampleLine({ letter, detail, event, text, base64 }: LetterLine): string[] {
  const value = event === undefined ? (text ?? `base64 ${base64}`) : JSON.stringify(event);
  const cut = value.length > SAMPLE_WIDTH_MAX ? `${value.slice(0, SAMPLE_WIDTH_MAX)}…` : value;
  const said = detail === "" ? [] : [`    ${printable(detail)}`];
  const bytes = number(Buffer.byteLength(value));
  return [`  ${printable(letter)}${cut === value ? "" : `, ${bytes} bytes`}`, ...said, `    ${printable(cut)}`];
}
