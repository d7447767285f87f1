/** The value at a share `q`, 0 to 1, of ascending values; NaN of none. */
export function quantileOf(ascending: readonly number[], q: number): number {
  return ascending[Math.floor(q * (ascending.length - 1))] ?? Number.NaN;
}
