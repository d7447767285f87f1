/** What a tail prints: lines for people, or one JSON object a line for programs. */
import { styleText } from "node:util";
import type { Incident, Severity } from "../../domain/incident.ts";
import type { DurableEvent } from "../../domain/message.ts";
import { counted, dateAndTime, printable } from "../plain-text.ts";
import { changeWords, narrativeLines } from "./change-words.ts";
import type { Standing } from "./live-cursor.ts";

/** What holds when a connection begins. Told when it is the first one, or when changes may be missing before it. */
export interface Beginning {
  readonly standing: Exclude<Standing, "resumed">;
  /** The newest event; `--after` it goes on from there. */
  readonly seq: number;
  /** Events from before follow. */
  readonly replays: boolean;
  /** How many services are listened to; null for one. */
  readonly services: number | null;
  /** What is open. */
  readonly incidents: readonly Incident[];
}

export interface TailLines {
  beginning(beginning: Beginning): readonly string[];
  event(event: DurableEvent): readonly string[];
}

/** Events are as the live protocol has them (domain/message.ts), one line each. */
export const JSON_LINES: TailLines = {
  beginning: ({ standing, seq, incidents }) => [
    JSON.stringify({ type: "snapshot", seq, reset: standing === "reset", incidents }),
  ],
  event: (event) => [JSON.stringify(event)],
};

/** The shape says what the colour does; hollow: somebody has it in hand. */
const SHAPES: Readonly<Record<Severity, readonly [full: string, hollow: string]>> = {
  medium: ["●", "○"],
  high: ["▲", "△"],
  critical: ["◆", "◇"],
};
const COLOURS = { medium: "yellow", high: "red", critical: "magenta" } as const;
const RESET = "RESET: changes may be missing here: they are older than what is kept, or the service was deleted.";
const INDENT = " ".repeat(21);

export class PlainLines implements TailLines {
  /** Each incident as it was told last, while it may change. */
  readonly #told = new Map<string, Incident>();
  /** The newest words of each, which are not repeated. */
  readonly #words = new Map<string, string>();
  readonly #has_colour: boolean;

  constructor(has_colour: boolean) {
    this.#has_colour = has_colour;
  }

  beginning({ standing, replays, seq, services, incidents }: Beginning): readonly string[] {
    this.#told.clear();
    const of = services === null ? "" : `${counted(services, "service")}, `;
    const open = incidents.length === 0 ? "no incident is open" : `${counted(incidents.length, "incident")} open`;
    const lines = incidents.flatMap((incident) => this.#change(incident));
    // What follows is older than what is open now, and told from its own beginning.
    if (replays) this.#told.clear();
    return [
      ...(standing === "reset" ? [this.#styled("bold", RESET)] : []),
      `Now at change ${seq}: ${of}${open}.`,
      ...lines,
    ];
  }

  event(event: DurableEvent): readonly string[] {
    if (event.type === "incident") return this.#change(event.incident, event.action === "opened");
    const { incident_id, service } = event.narrative;
    const lines = narrativeLines(event.narrative);
    const words = lines.join("\n");
    // While the model has yet to write, its words come as a change that changes none.
    if (this.#words.get(incident_id) === words) return [];
    this.#words.set(incident_id, words);
    return lines.map((line, index) => `${INDENT}${index === 0 ? `${printable(service)} ` : "  "}${line}`);
  }

  #change(incident: Incident, opens = false): readonly string[] {
    const { id, service, status, severity, acknowledged_at, updated_at } = incident;
    const before = this.#told.get(id);
    this.#told.set(id, incident);
    const shape = SHAPES[severity][acknowledged_at === null ? 0 : 1];
    const mark = status === "resolved" ? `✓ ${severity}` : `${shape} ${severity}`;
    const shown = this.#styled(status === "resolved" ? "green" : COLOURS[severity], mark.padEnd(10));
    return [`${dateAndTime(updated_at)}  ${shown}  ${printable(service)} ${changeWords(before, incident, opens)}`];
  }

  #styled(style: "bold" | "green" | "yellow" | "red" | "magenta", text: string): string {
    return this.#has_colour ? styleText(style, text, { validateStream: false }) : text;
  }
}
