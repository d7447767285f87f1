/** The configuration file, for the commands that take one or a part of it. */
import { readFile, stat } from "node:fs/promises";
import { type ConfigFile, CONFIG_BYTES_MAX, parseConfigFile } from "../domain/config-file.ts";
import type { SettingsDocument } from "../domain/settings-document.ts";
import { type Parsed, problemSentence } from "../domain/settings-file.ts";
import { Failure, reasonOf } from "./failure.ts";

/** A Failure that names what is wrong, each problem on a line of its own, where the file is none. */
export async function readConfig(path: string): Promise<ConfigFile> {
  const parsed = await parseConfigAt(path);
  if (parsed.ok) return parsed.document;
  throw new Failure(parsed.problems.map((problem) => `${path}: ${problemSentence(problem)}`).join("\n"));
}

/** Its settings alone; of a file without any, those of an empty document. @throws Failure as readConfig does */
export async function readSettings(path: string): Promise<SettingsDocument> {
  return (await readConfig(path)).settings ?? {};
}

/** A Failure where the file cannot be read. */
export async function parseConfigAt(path: string): Promise<Parsed<ConfigFile>> {
  return parseConfigFile(await textOf(path), Date.now());
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    // What is far too large is not read: the parser would only say that it is.
    if (size > 4 * CONFIG_BYTES_MAX) throw new Failure(`${path} must have at most ${CONFIG_BYTES_MAX} bytes.`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${path} cannot be read: ${reasonOf(error)}.`);
  }
}
