/** Headers of requests to targets. */

const USER_AGENT = "Faultline";

export type Headers = Readonly<Record<string, string>>;

/** What each request says of itself; `given` may say it otherwise. */
export function jsonHeaders(given: Headers = {}): Record<string, string> {
  return { "content-type": "application/json", "user-agent": USER_AGENT, ...lowered(given) };
}

/** Names of headers are alike in any case: of two the later one holds. */
export function lowered(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

const OWN =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|proxy-.*|webhook-.*|cf-.*|x-forwarded-.*)$/i;

/** Whether the signature or the connection itself sets a header: nobody else may. */
export function isOwnHeader(name: string): boolean {
  return OWN.test(name);
}
