/** Patterns over service names: `*` stands for any characters, none included; everything else for itself. */

/**
 * Whether the whole name fits. Each literal part is looked for after the one before, as early as possible, which finds a fit
 * wherever there is one: work grows with the lengths, whatever the number of stars (a regular expression would backtrack).
 */
export function isMatch(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
