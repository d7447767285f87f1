/** What stands under a figure: what is normal for it. */
import type { Range } from "./normal-band.ts";

/** "normally 288 to 337"; one value where it is not known how wide normal is, and a plain word where nothing is known yet. */
export function normallyWords(
  baseline: number | null,
  normal: Range | null,
  format: (value: number) => string,
): string {
  if (baseline === null) return "normal is being learned";
  if (normal === null) return `normally ${format(baseline)}`;
  const [low, high] = [format(normal.low), format(normal.high)];
  return low === high ? `normally ${low}` : `normally ${low} to ${high}`;
}
