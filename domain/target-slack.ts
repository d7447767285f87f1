/**
 * Slack (docs.slack.dev): blocks by an incoming webhook, or by an app's bot token, which gives one thread a group. Text of events
 * stands in `plain_text` alone, where neither mentions nor marks mean anything; links are ours, in `mrkdwn` of their own.
 */
import { escapedLines, slackText, slackUrl } from "./message-escape.ts";
import { cut } from "./message-text.ts";
import { fitted, linksOfAll, type MessageView } from "./message-view.ts";
import type { TargetForm, TargetRequest } from "./notification.ts";
import { jsonHeaders } from "./target-headers.ts";
import { failed, httpVerdict, objectOf, taken } from "./target-verdict.ts";
import type { MessageKind, SlackTarget } from "./target.ts";

/** Characters of a header's and a section's text, after escaping; blocks together may have about 13,000. */
const HEADER_LENGTH_MAX = 150;
const SECTION_LENGTH_MAX = 3_000;
const BODY_LENGTH_MAX = 8_000;
const NOTIFICATION_LENGTH_MAX = 400;

/** What a channel should see that follows no threads. */
const TOLD_TO_ALL: ReadonlySet<MessageKind> = new Set(["escalated", "resolved", "reopened"]);

/** Without the charset Slack warns that it had to guess. */
const HEADERS = jsonHeaders({ "content-type": "application/json; charset=utf-8" });

export const slackForm: TargetForm<SlackTarget> = {
  request(message, target, thread) {
    return fitted(message, (view) => {
      const body = { text: slackText(cut(view.title, NOTIFICATION_LENGTH_MAX)), blocks: blocksOf(view) };
      return target.token === null ? incoming(target, body) : posted(target, target.token, body, view.kind, thread);
    });
  },
  /** The Web API answers 200 also where it refuses, and says so in the body; an incoming webhook answers `ok`. */
  verdict(status, headers, body, answered_ms) {
    const verdict = httpVerdict(status, headers, body, answered_ms);
    if (!verdict.ok) return verdict;
    const { ok, error, ts, message } = objectOf(body);
    if (ok === false)
      return failed(`answered that it failed: ${typeof error === "string" ? error : "it said not why"}`);
    // An answer in a thread has a time of its own, under which no thread goes on.
    const thread = (message as { readonly thread_ts?: unknown } | null | undefined)?.thread_ts ?? ts;
    return taken(typeof thread === "string" ? thread : null);
  },
};

function incoming(target: SlackTarget, body: object): TargetRequest {
  return { url: target.url ?? "", headers: HEADERS, body: JSON.stringify({ ...body, unfurl_links: false }) };
}

function posted(
  target: SlackTarget,
  token: string,
  body: object,
  kind: MessageKind,
  thread: string | null,
): TargetRequest {
  const place = thread === null ? {} : { thread_ts: thread, reply_broadcast: TOLD_TO_ALL.has(kind) };
  const said = { channel: target.channel, ...body, ...place, unfurl_links: false, unfurl_media: false };
  return {
    url: `${target.api_url.replace(/\/$/, "")}/chat.postMessage`,
    headers: { ...HEADERS, authorization: `Bearer ${token}` },
    body: JSON.stringify(said),
  };
}

function blocksOf(view: MessageView): object[] {
  const { first, is_open, severity, more } = view;
  const alone = first !== null && view.items.length === 1 && more === 0;
  const state = is_open ? severity : "resolved";
  const header = alone ? `${first.service}: ${state}` : `${view.count} incidents: ${state}`;
  const links = linksOfAll(view).map(({ label, url }) => `<${slackUrl(url)}|${slackText(label)}>`);
  return [
    { type: "header", text: plain(cut(header, HEADER_LENGTH_MAX)) },
    ...sections(escapedLines(view, slackText)),
    ...(links.length === 0 ? [] : [linkBlock(links)]),
  ];
}

function plain(text: string): object {
  return { type: "plain_text", text, emoji: false };
}

/** Lines in as few sections as they fit into, whole; what is more than a message may have is left out. */
function sections(lines: readonly string[]): object[] {
  const texts: string[] = [];
  let room = BODY_LENGTH_MAX;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    const last = texts.at(-1);
    if (last === undefined || last.length + line.length + 1 > SECTION_LENGTH_MAX) texts.push(line);
    else texts[texts.length - 1] = `${last}\n${line}`;
  }
  return texts.map((text) => ({ type: "section", text: plain(text) }));
}

/** `verbatim`: nothing else in it becomes a link or a name. */
function linkBlock(links: readonly string[]): object {
  let text = "";
  for (const link of links) {
    if (text.length + link.length + 3 > SECTION_LENGTH_MAX) break;
    text += text === "" ? link : ` · ${link}`;
  }
  return { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
}
