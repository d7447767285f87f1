/** What a request would be, for who may not see its secrets. */
import type { TargetRequest } from "./notification.ts";
import { MASK, withoutTexts } from "./target-mask.ts";
import { isAddress, originOf, secretsOf } from "./target-view.ts";
import type { Target } from "./target.ts";

/** Of the signature only that there is one. */
const MASKED_HEADERS: ReadonlySet<string> = new Set(["authorization", "webhook-signature"]);

/** The request with `…` for the path of its address, for the headers that were given, and wherever a secret stands in its body. */
export function maskedRequest(request: TargetRequest, target: Target): TargetRequest {
  const secrets = secretsOf(target);
  const given = new Set(
    secrets.filter(({ path }) => path.includes("headers")).map(({ path }) => path.at(-1)!.toLowerCase()),
  );
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    MASKED_HEADERS.has(name) || given.has(name) ? MASK : value,
  ]);
  const values = secrets.filter(({ path }) => !isAddress(path)).flatMap((secret) => secret.values);
  const isSecret = secrets.some(({ path }) => isAddress(path));
  return {
    ...request,
    url: isSecret ? `${originOf(request.url)}/${MASK}` : request.url,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: withoutTexts(request.body, values),
    ...(request.next === undefined ? {} : { next: maskedRequest(request.next, target) }),
  };
}
