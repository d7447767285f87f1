import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostileText, messageOf } from "../tests/hostile-texts.ts";
import { aMessage } from "../tests/message-example.ts";
import { messageView, ROOMS } from "./message-view.ts";
import { escapingOf, render, templateProblem, type TemplateView } from "./target-template.ts";

const viewOf = (params: Readonly<Record<string, string>> = {}): TemplateView => ({
  ...messageView(aMessage(), ROOMS[0]!),
  params,
});

/** A view whose title is any text. */
const titled = (title: string): TemplateView => ({ ...viewOf(), title });

describe("what is filled in is escaped for where it stands", () => {
  test("in JSON it is the inside of a string, whatever it is", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const body = render('{"text":"{{title}}","more":{{more}}}', titled(text), "json");
        expect(JSON.parse(body)).toEqual({ text: text.toWellFormed() === text ? text : expect.any(String), more: 0 });
      }),
    );
  });

  test("in an address it is one part of a path or of a query, and no step through it", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const url = new URL(
          render("https://a.example.org/x/{{title}}/close?q={{title}}#{{title}}", titled(text), "url"),
        );
        expect(url.host).toBe("a.example.org");
        expect(url.pathname.split("/")).toHaveLength(4);
        expect(url.pathname).toMatch(/^\/x\/.*\/close$/);
        expect([...url.searchParams.keys()]).toEqual(["q"]);
      }),
    );
  });

  test("in a header it is printable ASCII", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const value = render("x {{title}}", titled(text), "header");
        expect(value).toMatch(/^[\x20-\x7e]*$/);
        expect(() => new Headers({ "x-title": value })).not.toThrow();
      }),
    );
  });

  test.each([
    ["markup", "&#60;b&#62; &#38; &#34;c&#34; &#39;d&#39;"],
    ["form", "%3Cb%3E%20%26%20%22c%22%20'd'"],
    ["text", `<b> & "c" 'd'`],
  ] as const)("in %s", (escaping, text) => {
    expect(render("{{title}}", titled(`<b> & "c" 'd'`), escaping)).toBe(text);
  });

  test.each([
    [null, "json"],
    ["application/json; charset=utf-8", "json"],
    ["application/cloudevents+json", "json"],
    ["application/x-www-form-urlencoded", "form"],
    ["text/html", "markup"],
    ["application/xml", "markup"],
    ["image/svg+xml", "markup"],
    ["Text/Plain", "text"],
  ] as const)("the content type %s means %s", (type, escaping) => {
    expect(escapingOf(type)).toBe(escaping);
  });
});

test("sections, lists and params are filled in", () => {
  const template =
    "{{#is_critical}}!{{/is_critical}}{{^is_medium}}-{{/is_medium}}{{#items}}{{service}} {{#links}}<{{label}}>{{/links}}{{/items}} {{params.key}} {{first.owner}}";
  expect(render(template, viewOf({ key: "k" }), "text")).toBe(
    "!-checkout <Open the incident><Acknowledge><Snooze for 1 h><False alarm><Runbook> k team-pay",
  );
});

describe("a template", () => {
  test.each([
    "plain",
    "{{title}} {{#items}}{{description}} {{#lines}}{{.}}{{/lines}}{{/items}}",
    "{{! a comment }}{{first.service}}",
    "{{=<% %>=}}<% title %>",
    "{{params.key}}",
    "{{#items}}{{#links}}x{{/links}}{{#lines}}{{#first}}y{{/first}}{{/lines}}{{/items}}{{^items}}{{^links}}z{{/links}}{{/items}}",
  ])("%j is one", (template) => {
    expect(templateProblem(template, ["key"])).toBeNull();
  });

  test.each([
    ["{{{title}}}", "must fill in title with two braces: what is filled in is always escaped"],
    ["{{& title}}", "must fill in title with two braces: what is filled in is always escaped"],
    ["{{#items}}{{{title}}}{{/items}}", "must fill in title with two braces: what is filled in is always escaped"],
    ["{{=<% %>=}}<%& title %>", "must fill in title with two braces: what is filled in is always escaped"],
    ["{{> other}}", "must not use {{>other}}: there are no partials"],
    ["{{titel}}", "must not use the name titel: nothing is called so"],
    ["{{#constructor}}x{{/constructor}}", "must not use the name constructor: nothing is called so"],
    ["{{first.__proto__}}", "must not use the name __proto__: nothing is called so"],
    ["{{params.other}}", "must not use the name other: nothing is called so"],
    ["{{params.constructor}}", "must not use the name constructor: nothing is called so"],
    ["{{#items}}{{#items}}{{#items}}x{{/items}}{{/items}}{{/items}}", "must not have the list items within 2 others"],
    [
      "{{#items}}{{#links}}{{#first.lines}}x{{/first.lines}}{{/links}}{{/items}}",
      "must not have the list first.lines within 2 others",
    ],
    ["{{^nope}}x{{/nope}}", "must not use the name nope: nothing is called so"],
  ])("%j is none", (template, problem) => {
    expect(templateProblem(template, ["key"])).toBe(problem);
  });

  test.each(["{{#items}}", "{{title", "{{/items}}", "{{#items}}{{/first}}"])("%j cannot be read", (template) => {
    expect(templateProblem(template, [])).toMatch(/^must be a Mustache template: /);
  });

  test("is filled in alike, whatever was filled in before", () => {
    fc.assert(
      fc.property(messageOf(hostileText, 2), (message) => {
        const view = { ...messageView(message, ROOMS[0]!), params: {} };
        const body = render('[{{#items}}"{{title}}",{{/items}}{{count}}]', view, "json");
        expect(JSON.parse(body)).toEqual([...view.items.map(({ title }) => title), view.count]);
      }),
    );
  });
});
