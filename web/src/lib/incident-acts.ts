/** What an administrator can do to an incident here: which buttons there are, what each sends, and what is said when it fails. */
import type { Incident } from "../../../domain/incident.ts";
import type { Role } from "../../../domain/resource.ts";

type ActName = "acknowledge" | "resolve" | "false_alarm" | "useful";

export interface ActButton {
  readonly name: ActName;
  readonly label: string;
  /** What it does, for whoever asks. */
  readonly about: string;
  /** What was said already, for a button that takes it back; null for one that only does. */
  readonly pressed: boolean | null;
  readonly path: string;
  readonly body: Readonly<Record<string, string | null>>;
}

/** To take it on and to end it: what an open incident asks for. Empty for viewers, and for what is over. */
export function handlingButtons(incident: Incident, role: Role): ActButton[] {
  if (role !== "admin" || incident.status !== "open") return [];
  const resolve: ActButton = {
    name: "resolve",
    label: "Resolve",
    about:
      "Ends the incident by hand. While the fault lasts nothing is told of it; once it has ended and returns, it is.",
    pressed: null,
    path: pathOf(incident, "resolve"),
    body: {},
  };
  if (incident.acknowledged_at !== null) return [resolve];
  const acknowledge: ActButton = {
    name: "acknowledge",
    label: "Acknowledge",
    about: "Tells everyone who looks that somebody is at it.",
    pressed: null,
    path: pathOf(incident, "acknowledge"),
    body: {},
  };
  return [acknowledge, resolve];
}

/** To say whether it was worth telling, during it and after. Empty for viewers. */
export function judgingButtons(incident: Incident, role: Role): ActButton[] {
  if (role !== "admin") return [];
  const path = pathOf(incident, "feedback");
  const said = incident.feedback;
  return [
    {
      name: "useful",
      label: "Useful",
      about: said === "useful" ? "Takes back that it was useful." : "It was right to tell of this.",
      pressed: said === "useful",
      path,
      body: { verdict: said === "useful" ? null : "useful" },
    },
    {
      name: "false_alarm",
      label: "False alarm",
      about:
        said === "false_positive"
          ? "Takes back that it was a false alarm: the like of it is told as before."
          : "There was no fault: the like of it has to last longer before it is told. It can be taken back.",
      pressed: said === "false_positive",
      path,
      body: { verdict: said === "false_positive" ? null : "false_positive" },
    },
  ];
}

function pathOf({ id }: Incident, act: "acknowledge" | "resolve" | "feedback"): string {
  return `/v1/incidents/${encodeURIComponent(id)}/${act}`;
}

const NOT_DONE: Readonly<Record<ActName, string>> = {
  acknowledge: "It is not acknowledged.",
  resolve: "It is not resolved.",
  useful: "It is not marked.",
  false_alarm: "It is not marked.",
};

/** What did not happen, then why: the server's own sentence. */
export function refusedWords(name: ActName, detail: string): string {
  return `${NOT_DONE[name]} ${detail}`;
}

/** What was sent for an incident and whether the server has done it; `revision` is that of the incident afterwards. */
export type Sent = { readonly name: ActName; readonly revision: number | null };

/**
 * Whether a click is still on its way. The page shows an act when the incident itself arrives changed, never before; until
 * then its button waits.
 */
export function isWaiting(sent: Sent | null, incident: Incident): boolean {
  return sent !== null && (sent.revision === null || incident.revision < sent.revision);
}
