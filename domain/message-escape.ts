/**
 * Text of events as text, in whatever shows it: no markup, no mention, no link. Where a service has no way to switch those off, an
 * invisible space breaks what it would look for.
 */
import { cut } from "./message-text.ts";
import type { MessageView } from "./message-view.ts";

/** ZERO WIDTH SPACE: no letter, so that no name, address or emoji goes on behind it. */
const BREAK = "\u{200b}";

/**
 * Nothing in it calls anybody or becomes a link, an emoji or a tag: what stands after `@`, `#`, `~`, `<`, `{`, `$` or before `://` is
 * torn off, and so is a letter after `:`, and `.` after `www`.
 */
export function inert(text: string): string {
  return text
    .replaceAll(/[@#~<{$](?=\S)/g, `$&${BREAK}`)
    .replaceAll("://", `:${BREAK}//`)
    .replaceAll(/:(?=[a-z_+-])/gi, `$&${BREAK}`)
    .replaceAll(/www(?=\.)/gi, `$&${BREAK}`);
}

/** The same for Telegram, which also makes commands of `/cart` and links of `cart.example`. */
export function inertForTelegram(text: string): string {
  return inert(text)
    .replaceAll(/(?<![\p{L}\p{N}_])\/(?=\S)/gu, `$&${BREAK}`)
    .replaceAll(/\.(?=\p{L})/gu, `$&${BREAK}`);
}

/** For what reads Markdown, as Discord and Mattermost: inert, and each sign with a meaning after a backslash. */
export function markdownText(text: string): string {
  return inert(text).replaceAll(/[\\`*_~|>[\]]/g, String.raw`\$&`);
}

/** A link's address where a bracket would end it. */
export function markdownUrl(url: string): string {
  return url.replaceAll(
    /[()<>\\*_`~|\s]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
  );
}

/** Slack takes three signs for its own, and undoes their escapes: docs.slack.dev, "Formatting message text". */
export function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A link's address within `<…|…>`. */
export function slackUrl(url: string): string {
  return slackText(url.replaceAll("|", "%7C").replaceAll("<", "%3C").replaceAll(">", "%3E"));
}

/** Where markup is read but its escapes would be counted and shown in other places: signs that look alike. */
export function withoutTags(text: string): string {
  return text.replaceAll("<", "‹").replaceAll(">", "›");
}

/** All but the title, a line each. */
export function bodyLines(view: MessageView): string[] {
  return view.text.split("\n").slice(1);
}

/** Before it is escaped: an escape may be five times as long as its sign. */
const LINE_LENGTH_MAX = 500;

/** Title and body, each line cut and then escaped: half an escape would swallow what follows it. */
export function escapedLines(view: MessageView, escape: (text: string) => string): [title: string, ...body: string[]] {
  const line = (text: string) => escape(cut(text, LINE_LENGTH_MAX));
  return [line(view.title), ...bodyLines(view).map(line)];
}

/** The lines that fit, whole, one below the other. */
export function joinedWithin(lines: readonly string[], length_max: number): string {
  let joined = "";
  for (const line of lines) {
    if (joined.length + line.length + 1 <= length_max) joined += joined === "" ? line : `\n${line}`;
  }
  return joined;
}

/** At most `bytes_max` bytes of UTF-8, the last character `…` where some are missing. */
export function cutBytes(text: string, bytes_max: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= bytes_max) return text;
  let end = bytes_max - 3;
  // A byte of the form 10xxxxxx goes on with the character before it.
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return `${new TextDecoder().decode(bytes.subarray(0, Math.max(0, end)))}…`;
}
