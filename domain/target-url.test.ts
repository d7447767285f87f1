import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkTargetUrl, parseAllowedTargets, TARGET_URL_LENGTH_MAX } from "./target-url.ts";

const NONE = parseAllowedTargets(undefined);
const DEVELOPMENT = parseAllowedTargets("localhost,127.0.0.1,[::1]");

describe("a public address by https", () => {
  test.each([
    "https://hooks.slack.com/services/T/B/x",
    "https://hooks.example.org:8443/a?b=c#d",
    "https://EXAMPLE.org./",
    "https://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "https://bücher.example.com/",
    "https://a_b.example.com/",
    "https://localhost.example.com/",
    "https://internal-hooks.example.com/",
  ])("%s may be sent to", (url) => {
    expect(checkTargetUrl(url, NONE)).toBeNull();
  });
});

describe("an address that is no public one, in whichever disguise", () => {
  test.each([
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "%31%32%37.0.0.1",
    "0",
    "0.0.0.0",
    "255.255.255.255",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2001::1]",
    "[2001:2::1]",
    "[5f00::1]",
    "[4000::1]",
  ])("%s is refused", (host) => {
    expect(checkTargetUrl(`https://${host}/hook`, NONE)).toMatch(
      /^url must not lead to .+ no public one: .*ALLOWED_TARGETS$/,
    );
  });

  test.each(["[fe80::1%25eth0]", "[fe80::1%eth0]", "256.0.0.1", "1.2.3.4.5", "0x100000000", "exa mple.org", "a|b.org"])(
    "%s is no host",
    (host) => {
      expect(checkTargetUrl(`https://${host}/`, NONE)).toMatch(/^url must /);
    },
  );

  test("no form of any private IPv4 address gets through", () => {
    const first = fc.constantFrom(0x0a00_0000, 0x7f00_0000, 0xa9fe_0000, 0xac10_0000, 0xc0a8_0000, 0x6440_0000);
    const forms: readonly ((address: number) => string)[] = [
      (address) => String(address),
      (address) => `0x${address.toString(16)}`,
      (address) => `0${address.toString(8)}`,
      (address) => bytesOf(address).join("."),
      (address) =>
        bytesOf(address)
          .map((byte) => `0x${byte.toString(16)}`)
          .join("."),
      (address) =>
        bytesOf(address)
          .map((byte) => `0${byte.toString(8)}`)
          .join("."),
      (address) => `[::ffff:${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}]`,
      (address) => `[::ffff:${bytesOf(address).join(".")}]`,
      (address) => `[64:ff9b::${bytesOf(address).join(".")}]`,
      (address) => `[2002:${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}::1]`,
    ];
    fc.assert(
      fc.property(first, fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(...forms), (net, host, form) => {
        expect(checkTargetUrl(`https://${form((net | host) >>> 0)}/`, NONE)).toContain("no public one");
      }),
      { numRuns: 500 },
    );
  });
});

function bytesOf(address: number): number[] {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff);
}

test.each([
  "localhost",
  "LOCALHOST",
  "localhost.",
  "foo.localhost",
  "printer",
  "kafka",
  "metadata",
  "printer.local",
  "a.internal",
  "metadata.google.internal",
  "metadata.azure.com",
  "x.home.arpa",
  "1.0.0.127.in-addr.arpa",
  "abc.onion",
  "x.test",
  "nas.lan",
  "intranet",
  "wiki.corp",
  "db.default.svc",
  "kubernetes.default.svc.cluster.local",
  "x.localdomain",
  "y.example",
])("the name %s is refused, since it is none of the public net", (host) => {
  expect(checkTargetUrl(`https://${host}/`, NONE)).toMatch(/a name that is no public one/);
});

describe("what else is wrong is said with what would be right", () => {
  test.each([
    ["", "url must be a URL, as in https://hooks.example.org/faultline"],
    ["hooks.example.org/x", "url must be a URL, as in https://hooks.example.org/faultline"],
    ["//hooks.example.org/x", "url must be a URL, as in https://hooks.example.org/faultline"],
    ["https:///x y", "url must have no spaces, control characters or backslashes"],
    ["https://hooks.example.org\\@evil.example.com/", "url must have no spaces, control characters or backslashes"],
    ["https://hooks.exa\nmple.org/", "url must have no spaces, control characters or backslashes"],
    [" https://hooks.example.org/", "url must have no spaces, control characters or backslashes"],
    ["http://hooks.example.org/", "url must begin with https://: http:// is only for hosts that ALLOWED_TARGETS lists"],
    ["ftp://hooks.example.org/", "url must begin with https://"],
    ["javascript:alert(1)", "url must be a URL, as in https://hooks.example.org/faultline"],
    ["file:///etc/passwd", "url must be a URL, as in https://hooks.example.org/faultline"],
    [
      "https://me:secret@hooks.example.org/",
      "url must have no user or password before its host: give them as a header",
    ],
    ["https://me@hooks.example.org/", "url must have no user or password before its host: give them as a header"],
    [
      "https://a..example.org/",
      "url must have a host of letters, digits, dots and hyphens, as in https://hooks.example.org/faultline",
    ],
    [
      "https://-a.example.org/",
      "url must have a host of letters, digits, dots and hyphens, as in https://hooks.example.org/faultline",
    ],
    ["https://hooks.example.org:22/", "url must have port 443, or one from 1024 on: 22 belongs to another protocol"],
    ["https://hooks.example.org:0/", "url must have port 443, or one from 1024 on: 0 belongs to another protocol"],
    [`https://hooks.example.org/${"x".repeat(TARGET_URL_LENGTH_MAX)}`, "url must have at most 2048 characters"],
  ])("%j", (url, sentence) => {
    expect(checkTargetUrl(url, NONE)).toBe(sentence);
  });

  test("it names the field that it was asked for", () => {
    expect(checkTargetUrl("ftp://a.example.org", NONE, "target.api_url")).toBe(
      "target.api_url must begin with https://",
    );
  });
});

describe("ALLOWED_TARGETS", () => {
  test("what it lists may be reached by http, by any spelling and at any port", () => {
    const urls = [
      "http://localhost:9093/",
      "http://LOCALHOST.:80/",
      "http://127.0.0.1/",
      "http://2130706433:1/",
      "https://[0::1]:22/",
    ];
    expect(urls.map((url) => checkTargetUrl(url, DEVELOPMENT))).toEqual(urls.map(() => null));
  });

  test("what it does not list is refused as ever", () => {
    expect(checkTargetUrl("http://127.0.0.2/", DEVELOPMENT)).toContain("https://");
    expect(checkTargetUrl("https://127.0.0.2/", DEVELOPMENT)).toContain("no public one");
    expect(checkTargetUrl("https://localhost.evil.local/", DEVELOPMENT)).toContain("no public one");
    expect(checkTargetUrl("https://[::ffff:127.0.0.1]/", DEVELOPMENT)).toContain("no public one");
  });

  test("an entry with a port is for that port alone, and a star for subdomains alone", () => {
    const allowed = parseAllowedTargets("am.internal:9093, *.hooks.internal, secure.internal:443");
    const may = (url: string) => checkTargetUrl(url, allowed) === null;
    expect(["http://am.internal:9093/", "https://secure.internal/", "https://a.b.hooks.internal/"].map(may)).toEqual([
      true,
      true,
      true,
    ]);
    expect(
      ["http://am.internal/", "http://secure.internal/", "https://hooks.internal/", "https://xhooks.internal/"].map(
        may,
      ),
    ).toEqual([false, false, false, false]);
  });

  test("it holds no user or password in an address", () => {
    expect(checkTargetUrl("http://me:secret@localhost/", DEVELOPMENT)).toContain("user or password");
  });

  test.each([
    "http://localhost",
    "localhost/x",
    "a b",
    "*",
    "*.127.0.0.1",
    "host:port",
    "user@host",
    "[::1",
    "host:99999",
  ])("the entry %j stops the start, with the setting's name", (entry) => {
    expect(() => parseAllowedTargets(`localhost,${entry}`)).toThrow(
      `ALLOWED_TARGETS: ${JSON.stringify(entry)} is none of`,
    );
  });
});
