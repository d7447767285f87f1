import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { assertFree, isLoopback, urlOf } from "./address.ts";

describe("whether an address is free", () => {
  test("given a port that somebody listens on, says which and how to choose another; once it is free, nothing", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    await expect(assertFree("127.0.0.1", port)).rejects.toThrow(`port ${port} is taken`);
    await expect(assertFree("127.0.0.1", port)).rejects.toThrow(`--port ${port + 1}`);
    await new Promise((resolve) => server.close(resolve));
    await expect(assertFree("127.0.0.1", port)).resolves.toBeUndefined();
  });

  test("given an address of another machine, names it", async () => {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737): no machine has it.
    await expect(assertFree("192.0.2.1", 18_000)).rejects.toThrow('"192.0.2.1" is not an address of this machine');
  });
});

describe("the URL of an address", () => {
  test.each([
    ["127.0.0.1", "http://127.0.0.1:8787"],
    ["::1", "http://[::1]:8787"],
    ["0.0.0.0", "http://127.0.0.1:8787"],
    ["::", "http://[::1]:8787"],
    ["fault.example", "http://fault.example:8787"],
  ])("of %s is %s", (host, url) => expect(urlOf(host, 8787)).toBe(url));

  test("tells addresses of this machine alone from those that others reach", () => {
    expect(["127.0.0.1", "127.8.8.8", "::1", "localhost"].map(isLoopback)).toEqual([true, true, true, true]);
    expect(["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example"].map(isLoopback)).toEqual([false, false, false, false]);
  });
});
