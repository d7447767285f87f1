/** Whether a target can be spoken to at all, asked before it is stored: its address, what its preset needs, its templates. */
import { BODY_BYTES_MAX, bytesOf } from "./message-view.ts";
import type { SettingsProblem } from "./settings-file.ts";
import { isOwnHeader } from "./target-headers.ts";
import { PRESET_PARAMS } from "./target-presets.ts";
import { longestView, sampleViews } from "./target-samples.ts";
import { escapingOf, render, templateProblem } from "./target-template.ts";
import { type AllowedTargets, checkTargetUrl } from "./target-url.ts";
import { originOf } from "./target-view.ts";
import { contentTypeOf, templatedRequest } from "./target-webhook.ts";
import type { MessageKind, RequestTemplate, Target, WebhookTarget } from "./target.ts";

/** What is wrong, each with the member's path (from `target` on) and a sentence that says what would be right; empty: nothing. */
export function checkTarget(target: Target, allowed: AllowedTargets): SettingsProblem[] {
  const addresses = addressesOf(target).flatMap(([path, url]) => {
    const message = checkTargetUrl(url, allowed, "");
    return message === null ? [] : [{ path, message }];
  });
  // Templates lead to the same host: a wrong one is named once.
  if (target.type !== "webhook" || addresses.length > 0) return addresses;
  return [...paramProblems(target), ...templateProblems(target, allowed)];
}

function addressesOf(target: Target): (readonly [path: string, url: string])[] {
  if (target.type !== "slack") return [["target.url", target.url]];
  return [
    ...(target.url === null ? [] : [["target.url", target.url] as const]),
    ...(target.token === null ? [] : [["target.api_url", target.api_url] as const]),
  ];
}

function paramProblems({ preset, params }: WebhookTarget): SettingsProblem[] {
  if (preset === null) return [];
  const missing = PRESET_PARAMS[preset].filter((name) => !Object.hasOwn(params, name));
  return missing.map((name) => ({ path: `target.params.${name}`, message: `must be given: ${preset} needs it` }));
}

function templateProblems(target: WebhookTarget, allowed: AllowedTargets): SettingsProblem[] {
  return Object.entries(target.templates ?? {}).flatMap(([name, template]) => {
    const kind = name === "default" ? "opened" : (name as MessageKind);
    const found = formProblem(template, target) ?? outcomeProblem(template, target, kind, allowed);
    return found === null ? [] : [{ path: `target.templates.${name}.${found.member}`, message: found.message }];
  });
}

interface Found {
  readonly member: string;
  readonly message: string;
}

/** What no message could put right. */
function formProblem({ url, body, headers }: RequestTemplate, { params }: WebhookTarget): Found | null {
  const parts: (readonly [member: string, template: string])[] = [
    ...(url === null ? [] : [["url", url] as const]),
    ["body", body],
    ...Object.entries(headers).map(([name, value]) => [`headers.${name}`, value] as const),
  ];
  for (const [member, template] of parts) {
    const message = isOwnHeader(member.replace("headers.", ""))
      ? "must be a header that Faultline does not set itself"
      : templateProblem(template, Object.keys(params));
    if (message !== null) return { member, message };
  }
  return null;
}

/** What comes of it, for each message that there can be. */
function outcomeProblem(
  template: RequestTemplate,
  target: WebhookTarget,
  kind: MessageKind,
  allowed: AllowedTargets,
): Found | null {
  const escaping = escapingOf(contentTypeOf(template, target));
  for (const { what, view } of sampleViews(kind)) {
    const { url, body } = templatedRequest(template, target, view);
    const address = checkTargetUrl(url, allowed, "");
    if (address !== null) return { member: "url", message: `${address} (for ${what})` };
    if (originOf(url) !== originOf(target.url))
      return { member: "url", message: "must lead to the host of the target's url" };
    const broken = escaping === "json" ? jsonProblem(body) : null;
    if (broken !== null) return { member: "body", message: `must give valid JSON: for ${what} ${broken}` };
  }
  const longest = longestView(kind, escaping === "markup" ? "&" : "\u{1f600}");
  const bytes = bytesOf(render(template.body, { ...longest, params: target.params }, escaping));
  if (bytes <= BODY_BYTES_MAX) return null;
  return {
    member: "body",
    message: `must give at most ${BODY_BYTES_MAX} bytes, and could give ${bytes}: fill in less, or less often`,
  };
}

function jsonProblem(body: string): string | null {
  try {
    JSON.parse(body);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
