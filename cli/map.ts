/** `faultline map`: from a sample of a topic's own messages to the mapping that the bridge needs. */
import { writeFile } from "node:fs/promises";
import { Failure, reasonOf } from "./failure.ts";
import { bloblangText, type Mapping } from "./map/mapping.ts";
import { parseTold, type Proposal, propose } from "./map/proposal.ts";
import { reportLines } from "./map/report.ts";
import { readSample } from "./map/sample.ts";
import { type Trial, tryMapping } from "./map/trial.ts";
import { parseOptions, parseWhole } from "./options.ts";

const HELP = `Usage: faultline map SAMPLE [options]

Proposes the bridge's mapping for a topic whose messages are no events yet, from a sample of them: JSON, one message a
line, or an array (\`-\` is standard input; gzip is unpacked). It says which field was taken for which, in what unit, and
what Faultline would accept and reject, by its own rules; only dates are not held against a record's time.

  --out FILE           writes the mapping there, as in --out bridge/mapping.blobl; else it is printed
  --field FIELD=PATH   takes a field from there, nested names by dots; with a unit, as in latency_ms=http.took:us
                       (s, ms, us, ns); a service, caller, version or endpoint may be a text: service='"shop"'
  --limit N            samples of each reason, 0 to 100 (2)
  --json               one object: messages, accepted, rejected, services, fields, missing, samples, mapping
  --help               this text

Ends with 0; with 1 where the sample cannot be read, a field that events need was not found, or nothing would be
accepted; with 2 for a wrong option.
`;

export async function map(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    argv,
    {
      out: { type: "string" },
      field: { type: "string", multiple: true, default: [] },
      limit: { type: "string", default: "2" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
    "faultline map",
    true,
  );
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0)
    throw new Failure("map takes one SAMPLE, or `-` for standard input (`faultline map --help`).", 2);
  const told = parseTold(values.field);
  const limit = parseWhole("limit", values.limit, 0, 100);
  const messages = await readSample(path);
  const proposal = propose(messages, told);
  const mapping = mappingOf(proposal);
  const trial = tryMapping(mapping, messages, limit);
  const text = bloblangText(mapping, headOf(proposal, trial));
  if (values.out !== undefined) await write(values.out, text);
  const said = values.json
    ? `${JSON.stringify(jsonOf(proposal, trial, text))}\n`
    : textOf(proposal, trial, text, values.out);
  process.stdout.write(said);
  return trial.accepted > 0 && proposal.missing.length === 0 ? 0 : 1;
}

function mappingOf({ isEvent, fields }: Proposal): Mapping {
  return isEvent ? null : new Map(fields.map((field) => [field.field, field]));
}

function headOf({ isEvent, fields }: Proposal, { messages, accepted }: Trial): string[] {
  const doubts = fields.flatMap(({ field, doubt }) => (doubt === null ? [] : [`${field}: ${doubt}. Make sure of it.`]));
  const of = `Proposed by \`faultline map\` from ${messages} messages, ${accepted} of which become events.`;
  return [of, ...(isEvent ? ["They are events as they are."] : []), ...doubts];
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new Failure(`${path} cannot be written: ${reasonOf(error)}.`);
  }
}

function textOf(proposal: Proposal, trial: Trial, text: string, out: string | undefined): string {
  const report = reportLines(proposal, trial).join("\n");
  return out === undefined ? `${report}\n\nmapping.blobl:\n\n${text}` : `${report}\n\nThe mapping stands in ${out}.\n`;
}

function jsonOf(proposal: Proposal, trial: Trial, mapping: string): Record<string, unknown> {
  const fields = proposal.fields.map(({ field, path, conversion, doubt }) => ({
    field,
    from: path,
    read_as: conversion.says,
    doubt,
  }));
  return { ...trial, is_event: proposal.isEvent, fields, missing: proposal.missing, mapping };
}
