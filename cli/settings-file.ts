/** A settings document from a file, for the commands that take one. */
import { readFile, stat } from "node:fs/promises";
import type { SettingsDocument } from "../domain/settings-document.ts";
import { type ParsedSettings, parseSettings, problemSentence, SETTINGS_BYTES_MAX } from "../domain/settings-file.ts";
import { Failure, reasonOf } from "./failure.ts";

/** A Failure that names what is wrong, each problem on a line of its own, where the file is none. */
export async function readSettings(path: string): Promise<SettingsDocument> {
  const parsed = await parseSettingsFile(path);
  if (parsed.ok) return parsed.document;
  throw new Failure(parsed.problems.map((problem) => `${path}: ${problemSentence(problem)}`).join("\n"));
}

/** A Failure where the file cannot be read. */
export async function parseSettingsFile(path: string): Promise<ParsedSettings> {
  return parseSettings(await textOf(path));
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    // What is far too large is not read: the parser would only say that it is.
    if (size > 16 * SETTINGS_BYTES_MAX) throw new Failure(`${path} must have at most ${SETTINGS_BYTES_MAX} bytes.`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${path} cannot be read: ${reasonOf(error)}.`);
  }
}
