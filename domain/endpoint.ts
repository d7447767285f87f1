/** The name under which an endpoint is counted: without its query string, with the ids in its path replaced. */
import { isPrintable } from "./printable.ts";

export const ENDPOINT_LENGTH_MAX = 200;

/** What stands for an id. */
const ID = ":id";

const NUMBER = /^[0-9]+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Eight hexadecimal digits or more: short commit ids, ObjectIds, MD5, SHA. One must be decimal: `deadbeef` and `facade` are words. */
const HEX_HASH = /^(?=[a-f]*[0-9])[0-9a-f]{8,}$/i;
/** 26 characters of Crockford's base 32, the first at most 7: github.com/ulid/spec. */
const ULID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i;

/**
 * The template of an endpoint, as in `/users/42?full=1` -> `/users/:id`, or null where the endpoint breaks the rule.
 *
 * Query string and fragment are cut first, and the rule of 1 to 200 printable characters holds for what remains, so that a
 * long query string costs nobody an event. An endpoint of nothing but a query string is `/`; an empty one breaks the rule. Segments of
 * the path (between slashes) that are whole numbers, UUIDs, hexadecimal hashes or ULIDs become `:id`, case and all else stay. `/1`
 * grows to `/:id`, so a template has at most 400 characters.
 */
export function templateEndpoint(raw: string): string | null {
  const path = cutQuery(raw);
  if (path === "" && raw !== "") {
    return "/";
  }
  if (!isPrintable(path, ENDPOINT_LENGTH_MAX)) {
    return null;
  }
  return path.split("/").map(templateSegment).join("/");
}

function cutQuery(raw: string): string {
  const query = raw.indexOf("?");
  const fragment = raw.indexOf("#");
  const cut = query < 0 ? fragment : fragment < 0 ? query : Math.min(query, fragment);
  return cut < 0 ? raw : raw.slice(0, cut);
}

function templateSegment(segment: string): string {
  const is_id = NUMBER.test(segment) || HEX_HASH.test(segment) || ULID.test(segment) || UUID.test(segment);
  return is_id ? ID : segment;
}
