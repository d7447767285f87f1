import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostileText, messageOf } from "../tests/hostile-texts.ts";
import { aMessage, FORMS, type FormName, SENT_MS } from "../tests/message-example.ts";
import { cutBytes, inert, inertForTelegram, markdownText, slackText } from "./message-escape.ts";
import type { Message } from "./notification.ts";
import type { Target } from "./target.ts";
import { requestOf } from "./targets.ts";

const MENTION = /@(?=\p{L})|<[!@#:t]/u;

describe("inert text", () => {
  test("calls nobody and leads nowhere, whatever it is", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const made = inert(text);
        expect(made).not.toMatch(/[@#~<{$][^\s\u{200b}]|:\/\/|:[a-z_+-]|www\./iu);
        expect(made.replaceAll("\u{200b}", "")).toBe(text.replaceAll("\u{200b}", ""));
      }),
    );
  });

  test("is read as before: only an invisible sign is added", () => {
    expect(inert("GET /cart/@pay took 31.0 %")).toBe("GET /cart/@\u{200b}pay took 31.0 %");
    expect(inertForTelegram("/cart/pay of cart.example")).toBe("/\u{200b}cart/pay of cart.\u{200b}example");
  });

  test("stands after backslashes where Markdown is read, so that each sign is shown", () => {
    expect(markdownText("*a* _b_ [c](d) `e` ||f||")).toBe(String.raw`\*a\* \_b\_ \[c\](d) \`e\` \|\|f\|\|`);
    expect(markdownText(String.raw`\*`)).toBe(String.raw`\\\*`);
  });
});

test("Slack's three signs are escaped, and an ampersand once", () => {
  expect(slackText("<!here> & &lt;")).toBe("&lt;!here&gt; &amp; &amp;lt;");
});

test("a text cut at a number of bytes keeps its characters whole", () => {
  expect(cutBytes("aé😀", 7)).toBe("aé😀");
  expect(cutBytes("aé😀😀", 10)).toBe("aé😀…");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 4, max: 40 }), (text, max) => {
      const made = cutBytes(text, max);
      expect(new TextEncoder().encode(made).length).toBeLessThanOrEqual(max);
      expect(made === text || (made.endsWith("…") && text.startsWith(made.slice(0, -1)))).toBe(true);
    }),
  );
});

/** What a service reads of a body, by the marks that it reads, is plain text. */
const READERS: Readonly<Partial<Record<FormName, (body: Record<string, unknown>) => void>>> = {
  slack({ text, blocks }) {
    expect(text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
    for (const { text: own } of blocks as { text: { type: string; text: string } }[]) {
      // Links are the one thing in mrkdwn, and nothing of an event is in them but what an address encodes.
      const shown =
        own.type === "mrkdwn" ? own.text.replaceAll(/<https?:\/\/[^\s<>|]+\|[A-Za-z0-9 ._-]+>/g, "") : own.text;
      expect(shown).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
      if (own.type === "mrkdwn") expect(shown.replaceAll(" · ", "")).toBe("");
    }
  },
  discord({ embeds, allowed_mentions, content }) {
    expect(allowed_mentions).toEqual({ parse: [] });
    expect(content).toBeUndefined();
    expectPlainMarkdown((embeds as { description: string }[])[0]!.description);
  },
  mattermost({ attachments, text }) {
    const [{ text: shown, fallback }] = attachments as [{ text: string; fallback: string }];
    expect(text).toBeUndefined();
    expect(fallback).not.toMatch(MENTION);
    expectPlainMarkdown(shown);
  },
  telegram({ text, entities, parse_mode }) {
    expect(parse_mode).toBeUndefined();
    expect(text).not.toMatch(/@(?=\p{L})|(?<![\p{L}\p{N}_])[/#](?=\p{L})|:\/\/|\.\p{L}/u);
    for (const { type, offset, length } of entities as { type: string; offset: number; length: number }[]) {
      const marked = (text as string).slice(offset, offset + length);
      expect(marked).toMatch(type === "bold" ? /incident|Incident|recovered|Faultline/ : /^[A-Z][A-Za-z0-9 ._-]+$/);
    }
  },
  teams({ attachments }) {
    const [{ content }] = attachments as [{ content: { body: { type: string }[] } }];
    expect(content.body.map(({ type }) => type).filter((type) => type !== "RichTextBlock")).toEqual([]);
    expect(JSON.stringify(content.body)).not.toMatch(/\{\{(?:DATE|TIME|title)|<at>/);
  },
  ntfy({ message, title, markdown }) {
    expect(markdown).toBeUndefined();
    expect(`${String(title)}\n${String(message)}`).not.toContain("://");
  },
  opsgenie({ message, description, note, details }) {
    expect(JSON.stringify([message, description, note, details])).not.toMatch(/[<>]/);
  },
};

/** Without what is escaped, and without the title's stars and the links that are ours, no mark is left. */
function expectPlainMarkdown(shown: string): void {
  const lines = shown.replaceAll(/\\[\\`*_~|>[\]]/g, "").split("\n");
  const rest = lines
    .map((line) => line.replaceAll(/\[[A-Za-z0-9 ._-]+\]\(https?:\/\/[^\s()]+\)/g, "").replace(/^\*\*(.*)\*\*$/, "$1"))
    .join("\n");
  expect(rest).not.toMatch(/[\\`*_~|>[\]]/);
  expect(rest).not.toMatch(MENTION);
  expect(rest).not.toContain("://");
}

function bodyOf(message: Message, target: Target): Record<string, unknown> | null {
  const request = requestOf(message, target, null, SENT_MS);
  return request === null ? null : (JSON.parse(request.body) as Record<string, unknown>);
}

describe.each(FORMS.filter(([name]) => READERS[name] !== undefined).map(([name, target]) => ({ name, target })))(
  "$name",
  ({ name, target }) => {
    test("reads text of events as text", () => {
      let told = 0;
      fc.assert(
        fc.property(messageOf(hostileText, 3), (message) => {
          const body = bodyOf(message, target);
          if (body === null) return;
          told += 1;
          READERS[name]!(body);
        }),
        { numRuns: 300 },
      );
      expect(told).toBeGreaterThan(150);
    });

    test("is given text all the same", () => {
      expect(JSON.stringify(bodyOf(aMessage(), target))).toMatch(/31\.\u{200b}?0 % of requests failed/u);
    });
  },
);
