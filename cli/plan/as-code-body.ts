/** The subscriptions and silences of a file as the server takes them: every secret that is given by name from the environment. */
import { problemSentence, type SettingsProblem } from "../../domain/settings-file.ts";
import { parseBySchema } from "../../domain/subscription-schema.ts";
import { type AsCode, type AsCodeBody, asCodeSchema } from "../../domain/subscriptions-as-code.ts";
import { resolveNames } from "../../domain/target-names.ts";
import { Failure } from "../failure.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Failure that names each variable that is not set, or does not hold what it should; never with what it holds */
export function asCodeBody(file: string, { subscriptions, silences }: AsCode, env: Environment): AsCodeBody {
  // An empty variable is one that somebody forgot to fill.
  const resolved = subscriptions?.map((entry) => ({
    entry,
    ...resolveNames(entry.target, (name) => env[name] || null),
  }));
  const missing = (resolved ?? []).flatMap(({ missing: own }, at) =>
    own.map(
      ({ member, env: name }) =>
        `${file}: subscriptions[${at}].target${pathOf(member)} needs ${name}, which is not set.`,
    ),
  );
  if (missing.length > 0) throw new Failure([...new Set(missing)].join("\n"));
  const body: AsCodeBody = {
    ...(resolved === undefined
      ? {}
      : { subscriptions: resolved.map(({ entry, target, names }) => ({ ...entry, target, names })) }),
    ...(silences === undefined ? {} : { silences }),
  };
  const parsed = parseBySchema(asCodeSchema, body);
  if (parsed.ok) return body;
  const named = (resolved ?? []).flatMap(({ names }, at) =>
    Object.entries(names).map(([member, name]) => [`subscriptions[${at}].target${pathOf(member)}`, name] as const),
  );
  throw new Failure(parsed.problems.map((problem) => `${file}: ${sentenceOf(problem, new Map(named))}.`).join("\n"));
}

function sentenceOf({ path, message }: SettingsProblem, names: ReadonlyMap<string, string>): string {
  const name = names.get(path);
  return problemSentence({ path: name === undefined ? path : `${path}, which is from ${name},`, message });
}

/** `.url`, `.secrets[0]`, `.headers["X-Team"]`, as problems name them. */
function pathOf(member: string): string {
  const [first = "", ...rest] = member.split(".");
  const last = rest.join(".");
  if (last === "") return `.${first}`;
  if (first === "secrets") return `.secrets[${last}]`;
  return /^[\w$]+$/.test(last) ? `.${first}.${last}` : `.${first}[${JSON.stringify(last)}]`;
}
