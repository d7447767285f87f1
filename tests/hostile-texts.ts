/** Texts that want to be more than text: markup, mentions, links, templates, JSON, and what no line should have. */
import fc from "fast-check";
import type { Message, MessageItem } from "../domain/notification.ts";
import { aMessage, aNarrative, anIncident, anItem } from "./message-example.ts";

/** Without a space within. */
const MARKS = String.raw`
  @channel @everyone @here <!here> <!channel> <@U024BE7LH> <@&12> <#C1|general> #general ~town-square :smile: <:emoji:123>
  <t:1700000000:R> $USD /shutdown /cart/@pay *bold* _it_ ~~gone~~ ||hidden|| ${"`code` ```"} > # - \ \*
  [bank](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example|bank> www.evil.example evil.example
  https://evil.example/a?b=c&d javascript:alert(1) <script>alert(1)</script> <b> &lt; &amp; & " ' "}],"text":"x ","channel":"#all
  {{title}} {{{title}}} {{DATE(2017-02-14T06:00:00Z,SHORT)}} ${"$"}{7*7} %s %0a . .. 😀 👩‍👩‍👧 é مرحبا 漢字`
  .trim()
  .split(/\s+/);

const CONTROLS = [
  "\n",
  "\r\n",
  "\t",
  "\0",
  "\u{1b}[31m",
  "\u{7f}",
  "\u{85}",
  "\u{2028}",
  "\u{2029}",
  "\u{feff}",
  " ",
  "",
];
const DIRECTIONS = ["\u{202e}txet", "\u{2066}", "\u{200f}", "\u{d800}", "\u{dfff}"];
const PIECES = [...MARKS, ...CONTROLS, ...DIRECTIONS];

/** As hostile as it gets, of any length from nothing to some hundred characters. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary", maxLength: 40 })), { maxLength: 12 })
  .chain((pieces) => fc.constantFrom("", " ").map((between) => pieces.join(between)));

/** A text of thousands of characters, of which each may be four bytes. */
export const hugeText: fc.Arbitrary<string> = fc
  .tuple(fc.oneof(fc.constantFrom(...PIECES), hostileText), fc.integer({ min: 500, max: 6_000 }))
  .map(([piece, count]) => piece.repeat(Math.ceil(count / Math.max(1, piece.length))));

const CHANGES = [
  "opened",
  "escalated",
  "reopened",
  "narrated",
  "acknowledged",
  "flapping",
  "repeated",
  "resolved",
] as const;

/** An incident in which whatever comes from events, people or models is such a text. */
function itemOf(text: fc.Arbitrary<string>): fc.Arbitrary<MessageItem> {
  const parts = { change: fc.constantFrom(...CHANGES), endpoint: text, description: text, version: text, by: text };
  return fc
    .record({ ...parts, owner: text, words: text, link: text, isOver: fc.boolean() })
    .map(({ change, endpoint, description, version, by, owner, words, link, isOver }) => {
      const statement = { text: words, facts: [] };
      const over = { status: "resolved", resolution: "recovered", resolved_at: "2026-11-24T10:04:50Z" } as const;
      const traces = `https://traces.example.org/?endpoint=${encodeURIComponent(link.toWellFormed())}`;
      const [anomaly] = anIncident().anomalies;
      return anItem({
        change,
        incident: anIncident({
          endpoint,
          description,
          deployed_version: version,
          previous_version: version,
          acknowledged_by: by,
          anomalies: Array.from({ length: 12 }, () => ({ ...anomaly!, endpoint, description })),
          ...(isOver ? over : {}),
        }),
        narrative: aNarrative({
          summary: [statement, statement],
          possible_causes: [{ ...statement, cause: "release", certainty: "LIKELY" }],
          recommended_actions: [{ ...statement, url: null }],
        }),
        owner,
        links: { runbook: "https://wiki.example.org/(a)_*|b", traces },
      });
    });
}

/** Of up to `items_max` such incidents, of each kind that there is. */
export function messageOf(text: fc.Arbitrary<string>, items_max: number): fc.Arbitrary<Message> {
  return fc
    .record({
      items: fc.array(itemOf(text), { maxLength: items_max }),
      name: text,
      more: fc.constantFrom(0, 1, 900),
      kind: fc.constantFrom(...CHANGES, "digest" as const, "caught_up" as const, "test" as const),
    })
    .map(({ items, name, more, kind }) =>
      aMessage({ items, more, kind, subscription: { id: "sub_0123456789abcdef", name } }),
    );
}
