/** A hash over files, to tell whether something built from them is still current. */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * SHA-256 over names and contents of all files that match, whatever their times: a checkout touches files that it does
 * not change. `patterns` and `exclude` are globs relative to `root`.
 */
export function fingerprint(root: string, patterns: readonly string[], exclude: readonly string[] = []): string {
  const entries = globSync([...patterns], { cwd: root, exclude: [...exclude], withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hash = createHash("sha256");
  for (const file of files.sort()) {
    const content = readFileSync(file);
    hash.update(`${file.slice(root.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}
