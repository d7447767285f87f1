/**
 * Where a message may be sent: to public hosts by https, and to what the operator lists in ALLOWED_TARGETS. It is asked when a target
 * is stored and again before each request.
 *
 * What a public name resolves to is not seen here: neither the Workers runtime nor this room asks DNS. Deployed, requests leave by
 * Cloudflare's network, which has no way to the operator's; on a laptop the operator is who stores targets.
 */
import ipaddr from "ipaddr.js";

/** One entry of ALLOWED_TARGETS. */
interface AllowedTarget {
  /** As `URL.hostname` writes it, without a final dot; of `*.example.internal`, `.example.internal`. */
  readonly host: string;
  readonly any_subdomain: boolean;
  /** Null: any. */
  readonly port: number | null;
}
export type AllowedTargets = readonly AllowedTarget[];

export const TARGET_URL_LENGTH_MAX = 2_048;

/** Names that never lead to a public host (RFC 6761, 6762, 7686, 8375, 9476), and those that networks use inside by custom. */
const RESERVED_SUFFIXES = [
  // Set apart by those RFCs; `arpa` is home.arpa too.
  "alt",
  "arpa",
  "example",
  "invalid",
  "local",
  "localhost",
  "onion",
  "test",
  // By custom.
  "corp",
  "home",
  "internal",
  "intranet",
  "lan",
  "localdomain",
  "mail",
  "private",
  "svc",
] as const;
/** Of machines in a cloud, about themselves; the rest of them end in `.internal` or are addresses that are reserved. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  "metadata.azure.com",
  "metadata.packet.net",
  "metadata.tencentyun.com",
]);

/** Public unicast addresses of IPv6; what lies outside is not routed, whatever form it has (`::127.0.0.1`). */
const PUBLIC_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

const PORT_HTTPS = 443;
/** Ports below belong to services of other protocols. */
const PORT_FREE_MIN = 1_024;

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const NAME_LENGTH_MAX = 253;

/**
 * Comma-separated `host`, `host:port`, `[IPv6]` or `*.example.internal` (its subdomains, not itself). Throws what names the setting
 * and the entry that is none of these.
 */
export function parseAllowedTargets(text: string | undefined): AllowedTargets {
  return (text ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map(parseEntry);
}

function parseEntry(entry: string): AllowedTarget {
  const any_subdomain = entry.startsWith("*.");
  const rest = any_subdomain ? entry.slice(2) : entry;
  // By a scheme whose default port nobody lists, so that `host:443` keeps its port.
  const url = /^[^\s/?#@\\*]+$/u.test(rest) ? parsed(`ws://${rest}`) : null;
  if (url === null || url.hostname === "" || (any_subdomain && addressOf(url.hostname) !== null)) {
    const right = "host, host:port, [IPv6 address] or *.domain, separated by commas";
    throw new Error(`ALLOWED_TARGETS: ${JSON.stringify(entry)} is none of ${right}`);
  }
  const port = /:(\d+)$/.exec(rest.replace(/^\[.*\]/, ""))?.[1];
  const host = bare(url.hostname);
  return { host: any_subdomain ? `.${host}` : host, any_subdomain, port: port === undefined ? null : Number(port) };
}

/**
 * What is wrong with an address that messages are to be sent to, as a sentence that names `field`, what is wrong and what would be
 * right (without a field, what would stand after it); null where nothing is.
 */
export function checkTargetUrl(url: string, allowed: AllowedTargets, field = "url"): string | null {
  const problem = problemOf(url, allowed);
  return problem === null ? null : `${field} ${problem}`.trimStart();
}

function problemOf(text: string, allowed: AllowedTargets): string | null {
  if (text.length > TARGET_URL_LENGTH_MAX) return `must have at most ${TARGET_URL_LENGTH_MAX} characters`;
  // The parser would pass over spaces and line ends, and take a backslash for a slash: people would read another address than it.
  if (/[\s\p{Cc}\\]/u.test(text)) return "must have no spaces, control characters or backslashes";
  const url = parsed(text);
  if (url === null || url.hostname === "") return "must be a URL, as in https://hooks.example.org/faultline";
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must begin with https://";
  if (url.username !== "" || url.password !== "")
    return "must have no user or password before its host: give them as a header";
  if (isAllowed(url, allowed)) return null;
  if (url.protocol === "http:") return `must begin with https://: http:// is only for hosts that ALLOWED_TARGETS lists`;
  return hostProblem(bare(url.hostname)) ?? portProblem(portOf(url));
}

function parsed(text: string): URL | null {
  // Not URL.parse: older browsers, which share this room, lack it.
  return URL.canParse(text) ? new URL(text) : null;
}

function bare(hostname: string): string {
  return hostname.replace(/\.$/, "");
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "http:" ? 80 : PORT_HTTPS;
}

function isAllowed(url: URL, allowed: AllowedTargets): boolean {
  const host = bare(url.hostname);
  return allowed.some(
    (entry) =>
      (entry.port === null || entry.port === portOf(url)) &&
      (entry.any_subdomain ? host.length > entry.host.length && host.endsWith(entry.host) : host === entry.host),
  );
}

/** The address that a host is, in whichever way it was written: the parser has made one form of decimal, octal and hexadecimal. */
function addressOf(host: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const text = host.startsWith("[") ? host.slice(1, -1) : host;
  return ipaddr.isValid(text) ? ipaddr.process(text) : null;
}

const WOULD_BE_RIGHT = "give a public host, or have the operator list it in ALLOWED_TARGETS";

function hostProblem(host: string): string | null {
  const address = addressOf(host);
  if (address !== null) {
    return isPublic(address) ? null : `must not lead to ${host}, an address that is no public one: ${WOULD_BE_RIGHT}`;
  }
  const labels = host.split(".");
  if (host.length > NAME_LENGTH_MAX || !labels.every((label) => LABEL.test(label))) {
    return "must have a host of letters, digits, dots and hyphens, as in https://hooks.example.org/faultline";
  }
  const isReserved =
    labels.length === 1 ||
    METADATA_NAMES.has(host) ||
    RESERVED_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
  return isReserved ? `must not lead to ${host}, a name that is no public one: ${WOULD_BE_RIGHT}` : null;
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || address.match(PUBLIC_IPV6);
}

function portProblem(port: number): string | null {
  if (port === PORT_HTTPS || port >= PORT_FREE_MIN) return null;
  return `must have port ${PORT_HTTPS}, or one from ${PORT_FREE_MIN} on: ${port} belongs to another protocol`;
}
