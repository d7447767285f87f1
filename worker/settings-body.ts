/** Settings as the body of a request: bounded, parsed, and refused with all that is wrong in them. */
import type { Context } from "hono";
import { type Parsed, problemSentence, SETTINGS_BYTES_MAX } from "../domain/settings-file.ts";
import type { AppContext } from "./context.ts";
import { problem } from "./problem.ts";

/** What `parse` makes of the body, or the answer that refuses it. */
export async function readSettingsBody<T>(
  context: Context<AppContext>,
  parse: (text: string) => Parsed<T>,
): Promise<{ readonly document: T } | Response> {
  if (Number(context.req.header("Content-Length") ?? 0) > SETTINGS_BYTES_MAX) return tooLarge();
  const text = await context.req.text();
  if (text.length > SETTINGS_BYTES_MAX) return tooLarge();
  const parsed = parse(text);
  if (parsed.ok) return parsed;
  const detail = `${parsed.problems.map(problemSentence).join(". ")}.`;
  return problem(422, "wrong_settings", detail, { problems: parsed.problems });
}

function tooLarge(): Response {
  return problem(413, "too_large", `The document must be at most ${SETTINGS_BYTES_MAX} bytes.`);
}
