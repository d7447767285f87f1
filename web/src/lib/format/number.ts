/** Numbers as a person reads them. The unit stands in its own element, so none is in these strings. */

const FORMATS = [0, 1, 2].map(
  (decimals) => new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
);

/** What stands where there is no number: nothing was measured, which is not the same as zero. */
const NO_NUMBER = "–";

/** A number with fixed decimals and grouped thousands. */
export function formatNumber(value: number | null, decimals: 0 | 1 | 2 = 0): string {
  return value === null ? NO_NUMBER : FORMATS[decimals]!.format(value);
}

/** Requests per second: a decimal only where a whole number would hide the size. */
export function formatRate(rate: number | null): string {
  if (rate === null) return NO_NUMBER;
  return formatNumber(rate, rate < 9.95 && rate > 0 ? 1 : 0);
}

/** A ratio from 0 to 1 in per cent, one decimal always, so that a column aligns. */
export function formatPercent(ratio: number | null): string {
  return ratio === null ? NO_NUMBER : formatNumber(ratio * 100, 1);
}

/** A ratio in per cent for a sentence: as many digits as one would say aloud. */
export function formatSpokenPercent(ratio: number): string {
  const percent = ratio * 100;
  return formatNumber(percent, percent > 0 && percent < 9.95 ? 1 : 0);
}

/** Milliseconds: a decimal only below 10 ms. */
export function formatMilliseconds(ms: number | null): string {
  if (ms === null) return NO_NUMBER;
  return formatNumber(ms, ms < 9.95 && ms > 0 ? 1 : 0);
}
