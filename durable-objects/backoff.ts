/** How long (ms) to wait after so many failures in a row (1 or more): `min_ms`, doubled with each further one, up to `max_ms`. */
export function backoffMs(failures: number, min_ms: number, max_ms: number): number {
  return Math.min(max_ms, min_ms * 2 ** (failures - 1));
}
