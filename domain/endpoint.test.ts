import { describe, expect, it } from "vitest";
import { templateEndpoint } from "./endpoint.ts";

describe("templateEndpoint", () => {
  it.each([
    ["/cart/pay", "/cart/pay"],
    ["/search?q=shoes&page=2", "/search"],
    ["/search#top", "/search"],
    ["/a#b?c", "/a"],
    ["/a?b#c", "/a"],
    ["?q=1", "/"],
    ["#top", "/"],
    ["/", "/"],
    ["/café/日本", "/café/日本"],
    ["GET /users/7", "GET /users/:id"],
    ["https://shop.example/users/7?x=1", "https://shop.example/users/:id"],
  ])("names %s as %s", (raw, template) => {
    expect(templateEndpoint(raw)).toBe(template);
  });

  it.each([
    ["/users/42", "/users/:id"],
    ["/users/42/orders/7/", "/users/:id/orders/:id/"],
    ["/0", "/:id"],
    ["/o/123e4567-e89b-12d3-a456-426614174000", "/o/:id"],
    ["/o/123E4567-E89B-12D3-A456-426614174000/x", "/o/:id/x"],
    ["/o/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "/o/:id"],
    ["/c/1a2b3c4d", "/c/:id"],
    ["/c/507f1f77bcf86cd799439011", "/c/:id"],
    ["/c/DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "/c/:id"],
    ["/e/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/e/:id"],
    ["/e/01arz3ndektsv4rrffq69g5fav", "/e/:id"],
  ])("replaces the ids of %s", (raw, template) => {
    expect(templateEndpoint(raw)).toBe(template);
  });

  it.each([
    ["/v1/users", "a version"],
    ["/deadbeef", "a word of hexadecimal letters"],
    ["/facade/decade", "words"],
    ["/a1b2c3", "seven characters or fewer"],
    ["/01ARZ3NDEKTSV4RRFFQ69G5FAU", "U is not in the alphabet of ULIDs"],
    ["/81ARZ3NDEKTSV4RRFFQ69G5FAV", "a ULID cannot start with 8"],
    ["/report-2026.pdf", "digits within a name"],
    ["/users/:id", "a template already"],
  ])("leaves %s: %s", (raw) => {
    expect(templateEndpoint(raw)).toBe(raw);
  });

  it("counts 200 characters after the query string is cut, as a person counts them", () => {
    const longest = `/${"x".repeat(199)}`;
    expect(templateEndpoint(longest)).toBe(longest);
    expect(templateEndpoint(`${longest}?${"q".repeat(5_000)}`)).toBe(longest);
    expect(templateEndpoint(`${longest}x`)).toBeNull();
    expect(templateEndpoint("😀".repeat(200))).toBe("😀".repeat(200));
    expect(templateEndpoint("😀".repeat(201))).toBeNull();
  });

  it("never grows beyond 400 characters", () => {
    expect(templateEndpoint("/1".repeat(100))).toHaveLength(400);
  });

  it.each([
    ["", "nothing"],
    ["/a\nb", "a newline"],
    ["/a\u0000b", "NUL"],
    ["/a\u007f", "DEL"],
    ["/a\u0085b", "a C1 control"],
    ["/a\u2028b", "a line separator"],
    ["/a\u2029b", "a paragraph separator"],
    ["/a\ud800b", "half of a surrogate pair"],
    ["/a\u202eb", "a control of writing direction"],
    ["/a\u2066b", "an isolate of writing direction"],
  ])("refuses %j: %s", (raw) => {
    expect(templateEndpoint(raw)).toBeNull();
  });

  it("does not care what stands in the part that is cut", () => {
    expect(templateEndpoint("/a?\u0000")).toBe("/a");
  });
});
