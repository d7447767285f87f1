/** The small page behind a link of a message: what would be done, one button, and no script. Text of events stays text. */
import { html } from "hono/html";
import type { LinkAct } from "../domain/act-link.ts";
import { timeOfDate } from "../domain/fact-words.ts";
import { holdUnits } from "../domain/hold-units.ts";
import type { Incident } from "../domain/incident.ts";

/** What the page of each act asks, what its button says, and what is told once it is done. */
export const ACT_WORDS: Readonly<
  Record<LinkAct, { readonly title: string; readonly button: string; readonly why: string; readonly done: string }>
> = {
  acknowledge: {
    title: "Acknowledge it?",
    button: "Acknowledge",
    why: "Says that somebody has it in hand: it is not repeated, until it is over.",
    done: "Acknowledged. It is not repeated any more, and its end will be told.",
  },
  snooze: {
    title: "Snooze it for 1 hour?",
    button: "Snooze for 1 hour",
    why: "Nothing of this incident is delivered for an hour, to anybody. Its end is told all the same.",
    done: "Snoozed. Nothing of this incident is delivered for an hour; its end is told all the same.",
  },
  false_positive: {
    title: "Was it a false positive?",
    button: "It was a false positive",
    why: "Says that nothing was wrong: the like of it has to last longer before it is told again.",
    done: "Noted as a false positive. The like of it has to last longer before it is told again.",
  },
};

export interface ActPage {
  readonly status: 200 | 403 | 409 | 410 | 429 | 503;
  readonly title: string;
  /** Sentences. */
  readonly text: readonly string[];
  /** Null where nothing is known of it. */
  readonly incident: Incident | null;
  /** What the one button says; null: there is none. */
  readonly button: string | null;
  /** Opens the incident in the dashboard; null where the link does not say which one. */
  readonly dashboard: string | null;
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:34rem;margin:12vh auto;padding:0 1.25rem;overflow-wrap:anywhere}
h1{font-size:1.375rem;line-height:1.3}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem}
a{color:inherit}dt{opacity:.8}dd{margin:0}time{white-space:nowrap}
button{font:inherit;font-weight:600;min-height:44px;padding:.6rem 1.25rem;border:2px solid;border-radius:.375rem;cursor:pointer}`;

export async function actPage(page: ActPage): Promise<Response> {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const body = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${page.title} – Faultline</title>
        <style nonce="${nonce}">
          ${STYLE}
        </style>
      </head>
      <body>
        <main>
          <h1>${page.title}</h1>
          ${page.incident === null ? "" : incidentPart(page.incident)} ${page.text.map((line) => html`<p>${line}</p>`)}
          ${page.button === null ? "" : html`<form method="post"><button type="submit">${page.button}</button></form>`}
          ${page.dashboard === null ? "" : html`<p><a href="${page.dashboard}">Open it in Faultline</a></p>`}
        </main>
      </body>
    </html>`;
  return new Response(String(body), {
    status: page.status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy": `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "X-Robots-Tag": "noindex, nofollow",
    },
  });
}

function incidentPart({ service, severity, status, description, opened_at }: Incident) {
  return html`<p>${holdUnits(description)}</p>
    <dl>
      <dt>Service</dt>
      <dd>${service}</dd>
      <dt>Severity</dt>
      <dd>${severity}</dd>
      <dt>Status</dt>
      <dd>${status}</dd>
      <dt>Opened</dt>
      <dd><time datetime="${opened_at}">${timeOfDate(Math.floor(Date.parse(opened_at) / 1000))}</time></dd>
    </dl>`;
}
