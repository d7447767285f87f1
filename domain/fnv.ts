/** FNV-1a, 32 bits (Fowler, Noll, Vo), over UTF-16 units: spreads names evenly, and is no secret. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
