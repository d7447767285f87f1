/** Small JSON bodies, parsed by schema: a wrong one is answered with the field's name and what would be right. */
import type { Context } from "hono";
import * as v from "valibot";
import type { AppContext } from "./context.ts";
import { problem } from "./problem.ts";

const BODY_BYTES_MAX = 16_384;

/** Where it is an object's, it knows the schemas of its fields. */
type BodySchema = v.GenericSchema<unknown, unknown> & { readonly entries?: v.ObjectEntries };

/** The body as the schema has it, an empty one as `{}`; or the 400 or 413 to answer with. @param bytes_max what it may be long */
export async function parseBody<S extends BodySchema>(
  schema: S,
  context: Context<AppContext>,
  bytes_max: number = BODY_BYTES_MAX,
): Promise<v.InferOutput<S> | Response> {
  const tooLarge = problem(413, "too_large", `The body must be at most ${bytes_max} bytes.`);
  if (Number(context.req.header("Content-Length") ?? 0) > bytes_max) return tooLarge;
  const text = await context.req.text();
  if (text.length > bytes_max) return tooLarge;
  const content = text === "" ? {} : parseJson(text);
  if (content === undefined) return problem(400, "bad_body", "The body must be JSON.");
  const parsed = v.safeParse(schema, content);
  return parsed.success ? parsed.output : problem(400, "bad_body", sentence(schema, parsed.issues[0]));
}

/** Undefined where it is no JSON: no JSON text means undefined. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sentence(schema: BodySchema, issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue);
  if (field === null) return "The body must be a JSON object.";
  // A missing field is found by the object around it; what would be right its own schema knows, asked about nothing.
  const missing = issue.type === "object" || issue.type === "strict_object" ? schema.entries?.[field] : undefined;
  if (missing === undefined) return `${field}: ${issue.message}.`;
  const { issues } = v.safeParse(missing, undefined);
  return `${field}: missing; ${issues?.[0].message ?? issue.message}.`;
}
