/**
 * A message as templates and forms see it: plain names, plain text, nothing to work out. Each text is one line of printable
 * characters (`text` has several lines), not escaped for anything: names of endpoints and narratives are text of events and models.
 */
import { timeOfDate } from "./fact-words.ts";
import { type Incident, SEVERITIES, type Severity } from "./incident.ts";
import { impactText, itemTitle, likelyCause, messageTitle, sparkline, sparkText, tidied } from "./message-text.ts";
import type { Message, MessageItem } from "./notification.ts";
import type { MessageKind } from "./target.ts";

/** A body has at most this many bytes. */
export const BODY_BYTES_MAX = 20_000;

export interface LinkView {
  /** `Open the incident`, `Acknowledge`, `Snooze for 1 h`, `False alarm`, `Runbook`, `Traces`. */
  readonly label: string;
  /** http or https. */
  readonly url: string;
}

/** One incident. Null is what is not known, not set, or did not fit; times are RFC 3339. */
export interface ItemView {
  /** `opened`, `escalated`, `reopened`, `narrated`, `acknowledged`, `flapping`, `repeated` or `resolved`. */
  readonly change: string;
  readonly incident_id: string;
  readonly service: string;
  readonly severity: Severity;
  readonly is_open: boolean;
  /** Its sentence. */
  readonly title: string;
  /** The sentence with its numbers alone. */
  readonly description: string;
  readonly metric: string;
  readonly endpoint: string | null;
  readonly onset_at: string;
  readonly opened_at: string;
  readonly resolved_at: string | null;
  /** `2026-11-24 10:04:12 UTC` */
  readonly began: string;
  readonly impact: string | null;
  readonly cause: string | null;
  /** `CONFIRMED`, `LIKELY` or `INCONCLUSIVE`. */
  readonly certainty: string | null;
  readonly summary: string | null;
  /** What is recommended first. */
  readonly action: string | null;
  readonly version: string | null;
  readonly acknowledged_by: string | null;
  readonly owner: string | null;
  /** Bars alone, and with their metric, span and top. */
  readonly sparkline: string | null;
  readonly trend: string | null;
  readonly url: string | null;
  readonly acknowledge_url: string | null;
  readonly snooze_url: string | null;
  readonly false_positive_url: string | null;
  readonly runbook: string | null;
  readonly traces: string | null;
  /** All of those that there are. */
  readonly links: readonly LinkView[];
  /** What there is to say, a line each, without its title and links. */
  readonly lines: readonly string[];
}

export interface MessageView {
  /** The same in every attempt. */
  readonly id: string;
  readonly kind: MessageKind;
  /** When it was made. */
  readonly at: string;
  readonly title: string;
  /** Title and all lines of all incidents, without links. */
  readonly text: string;
  /** The worst; of a message without incidents `medium`. */
  readonly severity: Severity;
  readonly is_critical: boolean;
  readonly is_high: boolean;
  readonly is_medium: boolean;
  /** Something that it tells of, or of its group, is open. */
  readonly is_open: boolean;
  readonly group_key: string;
  readonly group_open: number;
  readonly subscription_id: string;
  readonly subscription_name: string;
  /** Incidents that it stands for, and how many of them are not in `items`. */
  readonly count: number;
  readonly more: number;
  /** The worst, as in `items`; null where there is none. */
  readonly first: ItemView | null;
  /** The worst first. */
  readonly items: readonly ItemView[];
}

/** How much a view may hold: incidents, characters of a text, characters of a link (longer ones are left out). */
export interface Room {
  readonly items: number;
  readonly text: number;
  readonly link: number;
}

/** From all that a person reads to the least that a message needs. */
export const ROOMS: readonly Room[] = [
  { items: 20, text: 1_000, link: 2_048 },
  { items: 10, text: 500, link: 1_024 },
  { items: 5, text: 300, link: 1_024 },
  { items: 2, text: 200, link: 1_024 },
  { items: 1, text: 150, link: 600 },
  { items: 1, text: 100, link: 0 },
];
export const LEAST_ROOM: Room = ROOMS.at(-1)!;

/** What is made of the fullest view whose body is small enough. Throws where even the least view's is not. */
export function fitted<T extends { readonly body: string }>(
  message: Message,
  make: (view: MessageView, room: Room) => T,
  rooms: readonly Room[] = ROOMS,
): T {
  for (const room of rooms) {
    const made = make(messageView(message, room), room);
    if (bytesOf(made.body) <= BODY_BYTES_MAX) return made;
  }
  throw new Error(`a message of more than ${BODY_BYTES_MAX} bytes cannot be sent: its template is too long`);
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

export function messageView(message: Message, room: Room): MessageView {
  const items = message.items.slice(0, room.items).map((item) => itemView(item, message.at, room));
  const title = tidied(messageTitle(message), 2 * room.text);
  const more = message.more + message.items.length - items.length;
  const severity = worstOf(message.items.map(({ incident }) => incident));
  return {
    id: message.id,
    kind: message.kind,
    at: message.at,
    title,
    text: textOf(title, items, more),
    severity,
    is_critical: severity === "critical",
    is_high: severity === "high",
    is_medium: severity === "medium",
    is_open: message.group_open > 0 || message.items.some(({ incident }) => incident.status === "open"),
    group_key: message.group_key,
    group_open: message.group_open,
    subscription_id: message.subscription.id,
    subscription_name: tidied(message.subscription.name, room.text),
    count: items.length + more,
    more,
    first: items[0] ?? null,
    items,
  };
}

function worstOf(incidents: readonly Incident[]): Severity {
  const worst = Math.max(0, ...incidents.map(({ severity }) => SEVERITIES.indexOf(severity)));
  return SEVERITIES[worst]!;
}

function textOf(title: string, items: readonly ItemView[], more: number): string {
  const [first] = items;
  const alone = items.length === 1 && more === 0 && first !== undefined;
  const told = alone ? first.lines : items.flatMap((item) => [item.title, ...item.lines.map((line) => `  ${line}`)]);
  return [title, ...told, ...(more === 0 ? [] : [`and ${more} more`])].join("\n");
}

function itemView(item: MessageItem, at: string, room: Room): ItemView {
  const { incident, narrative, owner, spark } = item;
  const short = (text: string | null | undefined) => tidied(text ?? "", room.text) || null;
  const cause = likelyCause(narrative);
  const told = {
    change: item.change,
    incident_id: incident.id,
    service: incident.service,
    severity: incident.severity,
    is_open: incident.status === "open",
    title: tidied(itemTitle(item, at), 2 * room.text),
    description: tidied(incident.description, room.text),
    metric: incident.metric_name,
    endpoint: short(incident.endpoint),
    onset_at: incident.onset_at,
    opened_at: incident.opened_at,
    resolved_at: incident.resolved_at,
    began: timeOfDate(Math.floor(Date.parse(incident.onset_at) / 1000)),
    impact: impactText(incident),
    cause: short(cause?.text),
    certainty: cause?.certainty ?? null,
    summary: short(narrative?.summary.map(({ text }) => text).join(" ")),
    action: short(narrative?.recommended_actions[0]?.text),
    version: short(incident.deployed_version),
    acknowledged_by: short(incident.acknowledged_by),
    owner: short(owner),
    sparkline: spark === null ? null : sparkline(spark),
    trend: sparkText(spark),
    ...linksOf(item, room),
  };
  return { ...told, links: linkViews(told), lines: linesOf(told) };
}

type Told = Omit<ItemView, "links" | "lines">;

function linesOf(told: Told): string[] {
  const line = (label: string, text: string | null) => (text === null ? [] : [`${label}: ${text}`]);
  const certainty =
    told.certainty === "CONFIRMED" ? "Cause" : told.certainty === "LIKELY" ? "Likely cause" : "Possible cause";
  return [
    ...line("Impact", told.impact),
    ...line("Began", told.began),
    ...line("After the deploy of", told.version),
    ...line(certainty, told.cause),
    ...line("Do first", told.is_open ? told.action : null),
    ...line("Trend", told.trend),
    ...line("Owner", told.owner),
  ];
}

function linksOf({ url, acts, links }: MessageItem, { link }: Room) {
  const fit = (address: string | null | undefined): string | null => {
    if (address === null || address === undefined || address.length > link) return null;
    const parsed = URL.canParse(address) ? new URL(address) : null;
    // As the parser writes it there is nothing in it that could end a link or begin another.
    return parsed !== null && (parsed.protocol === "https:" || parsed.protocol === "http:") ? parsed.href : null;
  };
  return {
    url: fit(url),
    acknowledge_url: fit(acts?.acknowledge),
    snooze_url: fit(acts?.snooze),
    false_positive_url: fit(acts?.false_positive),
    runbook: fit(links.runbook),
    traces: fit(links.traces),
  };
}

function linkViews(told: ReturnType<typeof linksOf>): LinkView[] {
  const all: readonly (readonly [label: string, url: string | null])[] = [
    ["Open the incident", told.url],
    ["Acknowledge", told.acknowledge_url],
    ["Snooze for 1 h", told.snooze_url],
    ["False alarm", told.false_positive_url],
    ["Runbook", told.runbook],
    ["Traces", told.traces],
  ];
  return all.flatMap(([label, url]) => (url === null ? [] : [{ label, url }]));
}

/** Of one incident all its links; of several the page of each. */
export function linksOfAll({ items, more }: MessageView): readonly LinkView[] {
  const [first] = items;
  if (first === undefined || (items.length === 1 && more === 0)) return first?.links ?? [];
  return items.flatMap(({ service, url }) => (url === null ? [] : [{ label: `Open ${service}`, url }]));
}
