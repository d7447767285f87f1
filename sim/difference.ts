/** Two plain values, shown where they differ. */

const TEXT_MAX = 2_000;

/** Where both are lists or objects: the first member that differs, with its path. */
export function diffText(expected: unknown, found: unknown): string {
  const { path, left, right } = firstDifference("", expected, found);
  const place = path === "" ? "" : ` at ${path}`;
  return `  expected${place}: ${shown(left)}\n  found${place}:    ${shown(right)}`;
}

interface Difference {
  readonly path: string;
  readonly left: unknown;
  readonly right: unknown;
}

function firstDifference(path: string, left: unknown, right: unknown): Difference {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return { path, left, right };
  const [one, other] = [left as Record<string, unknown>, right as Record<string, unknown>];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  for (const key of keys) {
    if (JSON.stringify(one[key]) === JSON.stringify(other[key])) continue;
    return firstDifference(`${path}/${key}`, one[key], other[key]);
  }
  return { path, left, right };
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}
