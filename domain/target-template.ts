/**
 * Templates of people (Mustache, without logic) over MessageView. What is filled in is escaped for the place where it stands, and no
 * tag can switch that off: an endpoint's name is text of events, and neither breaks JSON nor leads elsewhere.
 */
import mustache, { type TemplateSpans } from "mustache";
import type { ItemView, LinkView, MessageView } from "./message-view.ts";

/** How what is filled in is escaped: for a JSON string, a part of a URL, a header, a form, markup, or plain text. */
export type Escaping = "json" | "url" | "header" | "form" | "markup" | "text";

const ESCAPES: Readonly<Record<Escaping, (text: string) => string>> = {
  json: (text) => JSON.stringify(text).slice(1, -1),
  url: (text) => urlPart(text),
  // A header is ASCII alone: fetch refuses all beyond Latin-1, and receivers read the rest of it in many ways.
  header: (text) => text.replaceAll(/[^\x20-\x7e]/gu, "?"),
  form: (text) => encodeURIComponent(text.toWellFormed()),
  markup: (text) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  text: (text) => text,
};

/** "." and ".." would be steps through the path, however they are encoded. */
function urlPart(text: string): string {
  return /^\.{1,2}$/.test(text) ? "_".repeat(text.length) : encodeURIComponent(text.toWellFormed());
}

/** How a body is escaped, by the content type that its headers say; JSON where they say none. */
export function escapingOf(content_type: string | null): Escaping {
  const type = (content_type ?? "application/json").split(";")[0]!.trim().toLowerCase();
  if (type === "application/json" || type.endsWith("+json")) return "json";
  if (type === "application/x-www-form-urlencoded") return "form";
  return type === "text/html" || type.endsWith("xml") ? "markup" : "text";
}

/** What templates see: the view, and what the target's `params` give. */
export type TemplateView = MessageView & { readonly params: Readonly<Record<string, string>> };

export function render(template: string, view: TemplateView, escaping: Escaping): string {
  const escape = ESCAPES[escaping];
  // With a writer of its own: the library's keeps every template that ever was.
  return new mustache.Writer().render(template, view, undefined, { escape: (value: unknown) => escape(String(value)) });
}

/** Names that a template may use; the compiler knows of each that is missing. */
const NAMES_OF_LINK: Readonly<Record<keyof LinkView, true>> = { label: true, url: true };
const NAMES_OF_ITEM: Readonly<Record<keyof ItemView, true>> = {
  change: true,
  incident_id: true,
  service: true,
  severity: true,
  is_open: true,
  title: true,
  description: true,
  metric: true,
  endpoint: true,
  onset_at: true,
  opened_at: true,
  resolved_at: true,
  began: true,
  impact: true,
  cause: true,
  certainty: true,
  summary: true,
  action: true,
  version: true,
  acknowledged_by: true,
  owner: true,
  sparkline: true,
  trend: true,
  url: true,
  acknowledge_url: true,
  snooze_url: true,
  false_positive_url: true,
  runbook: true,
  traces: true,
  links: true,
  lines: true,
};
const NAMES_OF_MESSAGE: Readonly<Record<keyof TemplateView, true>> = {
  id: true,
  kind: true,
  at: true,
  title: true,
  text: true,
  severity: true,
  is_critical: true,
  is_high: true,
  is_medium: true,
  is_open: true,
  group_key: true,
  group_open: true,
  subscription_id: true,
  subscription_name: true,
  count: true,
  more: true,
  first: true,
  items: true,
  params: true,
};
const NAMES: ReadonlySet<string> = new Set(
  [NAMES_OF_MESSAGE, NAMES_OF_ITEM, NAMES_OF_LINK].flatMap((names) => Object.keys(names)),
);

/** Sections over these are filled in once an entry. */
const LISTS: ReadonlySet<string> = new Set(["items", "links", "lines"]);
/** Of incidents and their links or lines. A list is also seen from within itself: each further one would multiply all that it is in. */
const LISTS_DEEP_MAX = 2;

/** What is wrong with a template, whatever is filled in; null where nothing is. `params`: names that the target gives. */
export function templateProblem(template: string, params: readonly string[]): string | null {
  let spans: TemplateSpans;
  try {
    spans = new mustache.Writer().parse(template);
  } catch (error) {
    return `must be a Mustache template: ${(error as Error).message}`;
  }
  return spansProblem(spans, new Set(params), 0);
}

/** `deep`: lists around. */
function spansProblem(spans: TemplateSpans, params: ReadonlySet<string>, deep: number): string | null {
  for (const [type, name, , , inner] of spans) {
    const problem = spanProblem(type, name, params);
    if (problem !== null) return problem;
    const within = deep + (type === "#" && LISTS.has(name.split(".").at(-1)!) ? 1 : 0);
    if (within > LISTS_DEEP_MAX) return `must not have the list ${name} within ${LISTS_DEEP_MAX} others`;
    const below = Array.isArray(inner) ? spansProblem(inner, params, within) : null;
    if (below !== null) return below;
  }
  return null;
}

function spanProblem(type: string, name: string, params: ReadonlySet<string>): string | null {
  if (type === "text" || type === "!" || type === "=") return null;
  if (type === "&") return `must fill in ${name} with two braces: what is filled in is always escaped`;
  if (type === ">") return `must not use {{>${name}}}: there are no partials`;
  const parts = name === "." ? [] : name.split(".");
  const unknown = parts.find((part, at) => !(parts[at - 1] === "params" ? params.has(part) : NAMES.has(part)));
  return unknown === undefined ? null : `must not use the name ${unknown}: nothing is called so`;
}
