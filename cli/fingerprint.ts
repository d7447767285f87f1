/** A hash over files, to tell whether something built from them is still current. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * SHA-256 over names and contents of files, whatever their times: a checkout touches files that it does not change.
 * `sources` are files and whole folders relative to `root`; `skip` says of a path relative to `root` that it, and what
 * is below it, does not count.
 */
export function fingerprint(root: string, sources: readonly string[], skip: (path: string) => boolean): string {
  const hash = createHash("sha256");
  for (const file of sources.flatMap((source) => filesOf(root, source, skip)).toSorted()) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function filesOf(root: string, path: string, skip: (path: string) => boolean): readonly string[] {
  const absolute = join(root, path);
  if (skip(path) || !existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute).flatMap((name) => filesOf(root, `${path}/${name}`, skip));
}
