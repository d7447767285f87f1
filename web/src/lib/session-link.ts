/** The link that signs in: its code stands in the fragment, which browsers send to no server. */

/** The code of an address' fragment (`#code=…`); null where it has none. */
export function linkCode(hash: string): string | null {
  return new URLSearchParams(hash.slice(1)).get("code") || null;
}
