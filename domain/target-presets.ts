/**
 * Webhooks in the forms of services that have one of their own. Limits are those of their documentation (tests/schemas/ has each
 * form); what they would read as markup is escaped for each (message-escape.ts).
 */
import {
  bodyLines,
  cutBytes,
  escapedLines,
  inert,
  inertForTelegram,
  joinedWithin,
  markdownText,
  markdownUrl,
} from "./message-escape.ts";
import { cut } from "./message-text.ts";
import { fitted, linksOfAll, type MessageView } from "./message-view.ts";
import type { Message, TargetRequest } from "./notification.ts";
import { opsgenieRequest } from "./target-opsgenie.ts";
import type { Preset, WebhookTarget } from "./target.ts";

type Form = (message: Message, target: WebhookTarget) => TargetRequest | null;

const PRESET_FORMS: Readonly<Record<Preset, Form>> = {
  teams: jsonForm(teamsBody),
  discord: jsonForm(discordBody),
  mattermost: jsonForm(mattermostBody),
  telegram: jsonForm(telegramBody),
  ntfy: jsonForm(ntfyBody),
  opsgenie: opsgenieRequest,
};

/** What a preset needs in `params`. */
export const PRESET_PARAMS: Readonly<Record<Preset, readonly string[]>> = {
  teams: [],
  discord: [],
  mattermost: [],
  telegram: ["chat_id"],
  ntfy: ["topic"],
  opsgenie: [],
};

export function presetRequest(preset: Preset, message: Message, target: WebhookTarget): TargetRequest | null {
  return PRESET_FORMS[preset](message, target);
}

function jsonForm(bodyOf: (view: MessageView, params: WebhookTarget["params"]) => object): Form {
  return (message, { url, params }) =>
    fitted(message, (view) => ({ url, headers: {}, body: JSON.stringify(bodyOf(view, params)) }));
}

/** Text runs are the one text of a card that is never read as Markdown: adaptivecards.io, RichTextBlock. */
function teamsBody(view: MessageView): object {
  const { is_open, severity } = view;
  const color = is_open ? (severity === "medium" ? "Warning" : "Attention") : "Good";
  const block = (run: object) => ({ type: "RichTextBlock", inlines: [{ type: "TextRun", ...run }] });
  const title = inert(view.title);
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          fallbackText: title,
          msteams: { width: "Full" },
          body: [
            block({ text: title, weight: "Bolder", size: "Medium", color }),
            ...bodyLines(view).map((line) => block({ text: inert(line) })),
          ],
          // Teams shows six.
          actions: linksOfAll(view)
            .slice(0, 6)
            .map(({ label, url }) => ({ type: "Action.OpenUrl", title: label, url })),
        },
      },
    ],
  };
}

const COLORS = { critical: "#d92d20", high: "#e8730c", medium: "#e0b10f", over: "#2e9e5b" } as const;

function colorOf({ is_open, severity }: MessageView): string {
  return COLORS[is_open ? severity : "over"];
}

function markdownLinks(view: MessageView): string {
  return linksOfAll(view)
    .map(({ label, url }) => `[${label}](${markdownUrl(url)})`)
    .join(" · ");
}

/** Its title in bold, and the links below. */
function markdownOf(view: MessageView, text_max: number, links_max: number): string {
  const [title, ...body] = escapedLines(view, markdownText);
  const links = markdownLinks(view);
  const told = joinedWithin([`**${title}**`, ...body], text_max);
  return links === "" || links.length > links_max ? told : `${told}\n${links}`;
}

/** Title 256 characters, description 4,096, both together 6,000: discord.com/developers, "Embed Limits". */
function discordBody(view: MessageView): object {
  const [first] = view.items;
  return {
    username: "Faultline",
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: first === undefined ? "Faultline" : `${first.service}: ${view.is_open ? view.severity : "resolved"}`,
        ...(first?.url == null ? {} : { url: first.url }),
        description: markdownOf(view, 2_500, 1_500),
        color: Number.parseInt(colorOf(view).slice(1), 16),
        timestamp: view.at,
      },
    ],
  };
}

function mattermostBody(view: MessageView): object {
  return {
    username: "Faultline",
    attachments: [
      {
        fallback: inert(cut(view.title, 300)),
        color: colorOf(view),
        text: markdownOf(view, 3_000, 3_000),
      },
    ],
  };
}

/** 4,096 characters without a parse mode: what is bold or a link is said beside the text, by UTF-16 units. */
function telegramBody(view: MessageView, { chat_id = "", message_thread_id }: WebhookTarget["params"]): object {
  const lines = escapedLines(view, inertForTelegram);
  const [title] = lines;
  let text = joinedWithin(lines, 2_500);
  const entities: object[] = [{ type: "bold", offset: 0, length: title.length }];
  for (const { label, url } of linksOfAll(view)) {
    text += "\n";
    entities.push({ type: "text_link", offset: text.length, length: label.length, url });
    text += label;
  }
  return {
    chat_id,
    ...(message_thread_id === undefined ? {} : { message_thread_id: Number(message_thread_id) }),
    text,
    entities,
    link_preview_options: { is_disabled: true },
  };
}

const NTFY_PRIORITY = { critical: 5, high: 4, medium: 3 } as const;

/** A message over 4,096 bytes would become a file: docs.ntfy.sh/publish, "Publish as JSON". At most three actions. */
function ntfyBody(view: MessageView, { topic = "" }: WebhookTarget["params"]): object {
  const [first] = view.items;
  const actions = linksOfAll(view).filter(({ url }) => url !== first?.url);
  return {
    topic,
    title: inert(cut(view.title, 200)),
    message: cutBytes(inert(bodyLines(view).join("\n")), 3_900) || "Nothing more is known.",
    priority: view.is_open ? NTFY_PRIORITY[view.severity] : NTFY_PRIORITY.medium,
    tags: [view.is_open ? "rotating_light" : "white_check_mark"],
    ...(first?.url == null ? {} : { click: first.url }),
    actions: actions.slice(0, 3).map(({ label, url }) => ({ action: "view", label, url })),
  };
}
