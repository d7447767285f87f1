/** Bodies of subscriptions and silences: bounded JSON, refused with all that is wrong in it, each with its member. */
import type { Context } from "hono";
import type * as v from "valibot";
import { problemSentence, type SettingsProblem } from "../domain/settings-file.ts";
import { parseBySchema } from "../domain/subscription-schema.ts";
import type { AppContext } from "./context.ts";
import { problem } from "./problem.ts";

export const BODY_BYTES_MAX = 65_536;

/** The body's JSON, or the 400 or 413 to answer with. */
export async function readJson(
  context: Context<AppContext>,
  bytes_max = BODY_BYTES_MAX,
): Promise<{ readonly content: unknown } | Response> {
  const tooLarge = (): Response => problem(413, "too_large", `The body must be at most ${bytes_max} bytes.`);
  if (Number(context.req.header("Content-Length") ?? 0) > bytes_max) return tooLarge();
  const bytes = await context.req.arrayBuffer();
  if (bytes.byteLength > bytes_max) return tooLarge();
  try {
    return { content: JSON.parse(new TextDecoder().decode(bytes)) };
  } catch {
    // What stands in it may be a secret: not even a piece is repeated.
    return problem(400, "bad_body", "The body must be JSON.");
  }
}

/** What the body says, or the 400, 413 or 422 to answer with. */
export async function readBySchema<T>(
  schema: v.GenericSchema<unknown, T>,
  context: Context<AppContext>,
  word: string,
  bytes_max = BODY_BYTES_MAX,
): Promise<{ readonly document: T } | Response> {
  const body = await readJson(context, bytes_max);
  if (body instanceof Response) return body;
  const parsed = parseBySchema(schema, body.content);
  return parsed.ok ? parsed : wrongBody(word, parsed.problems);
}

/** `422` with one sentence of all that is wrong, and the list of it. */
export function wrongBody(word: string, problems: readonly SettingsProblem[]): Response {
  return problem(422, word, `${problems.map(problemSentence).join(". ")}.`, { problems });
}
