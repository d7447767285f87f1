/** What `faultline map` found, for people. */
import { REJECT_REASONS } from "../../domain/event.ts";
import { formatRfc3339 } from "../../domain/rfc3339.ts";
import { counted, number, printable } from "../plain-text.ts";
import { tableLines } from "../text-table.ts";
import { EVENT_FIELDS } from "./field-names.ts";
import type { Proposal } from "./proposal.ts";
import type { Trial } from "./trial.ts";

const HEADERS = ["FIELD", "FROM", "READ AS"] as const;
const SERVICES_SHOWN = 5;

export function reportLines(proposal: Proposal, trial: Trial): string[] {
  return [...fieldLines(proposal), "", ...countLines(trial), ...trial.rejected.flatMap(rejectedLines)];
}

function fieldLines({ isEvent, fields, missing }: Proposal): string[] {
  if (isEvent) return ["The messages are events as they are: they need no mapping."];
  const rows = EVENT_FIELDS.map((field) => {
    const found = fields.find((each) => each.field === field);
    if (found === undefined) return [field, "-", missing.includes(field) ? "not found: name it by --field" : "none"];
    const { path, conversion, doubt } = found;
    const said = doubt === null ? conversion.says : `${conversion.says} (${doubt}: --field can say it)`;
    return [field, path === null ? "-" : printable(path.join(".")), said];
  });
  return tableLines(HEADERS, rows);
}

function countLines(trial: Trial): string[] {
  const { messages, accepted, services, first_ms, last_ms, latency_p50_ms, latency_max_ms } = trial;
  const head = `${counted(messages, "message")}: ${number(accepted)} accepted, ${number(messages - accepted)} rejected`;
  if (first_ms === null || last_ms === null) return [head];
  const shown = services.slice(0, SERVICES_SHOWN).map((each) => `${each.service} (${number(each.messages)})`);
  const more = services.length - shown.length;
  return [
    head,
    `from ${formatRfc3339(first_ms)} to ${formatRfc3339(last_ms)}; latency ${number(latency_p50_ms ?? 0)} ms in the middle, ${number(latency_max_ms ?? 0)} ms at most`,
    `${counted(services.length, "service")}: ${shown.join(", ")}${more > 0 ? `, ${number(more)} more` : ""}`,
  ];
}

function rejectedLines({ reason, messages, samples }: Trial["rejected"][number]): string[] {
  const lines = samples.flatMap((sample) =>
    sample.message === sample.event
      ? [`  ${number(sample.number)}: ${printable(sample.message)}`]
      : [`  ${number(sample.number)}: ${printable(sample.message)}`, `     -> ${printable(sample.event)}`],
  );
  return ["", `${number(messages)} ${reason}: ${REJECT_REASONS[reason]}`, ...lines];
}
