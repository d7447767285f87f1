/** `faultline validate`: whether a configuration file is right, and what is not. */
import { problemSentence, SETTINGS_FILE } from "../domain/settings-file.ts";
import { settingsJsonSchema } from "../domain/settings-schema.ts";
import { parseConfigAt } from "./config-file.ts";
import { Failure } from "./failure.ts";
import { parseOptions } from "./options.ts";

const VALIDATE_HELP = `Usage: faultline validate [FILE] [options]

Checks a file of settings, subscriptions and silences (${SETTINGS_FILE}) and names all that is wrong in it, with what would
be right. Only the server knows to which hosts messages may go, and \`faultline plan\` whether the variables of
{"env": NAME} are set.

  --json     {"file", "valid", "problems": [{"path", "message"}]}
  --schema   prints the JSON schema of such files instead (faultline.schema.json)
  --help     this text

Ends with 0 where the file is right, with 1 where it is not or cannot be read, with 2 for a wrong option.
`;

export async function validate(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    argv,
    {
      json: { type: "boolean", default: false },
      schema: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
    "faultline validate",
    true,
  );
  if (values.help) return print(VALIDATE_HELP, 0);
  if (values.schema) return print(`${JSON.stringify(settingsJsonSchema(), null, 2)}\n`, 0);
  const [file = SETTINGS_FILE, ...more] = positionals;
  if (more.length > 0) throw new Failure("validate takes one FILE (`faultline validate --help`).", 2);
  const parsed = await parseConfigAt(file);
  const problems = parsed.ok ? [] : parsed.problems;
  const exitCode = parsed.ok ? 0 : 1;
  if (values.json) return print(`${JSON.stringify({ file, valid: parsed.ok, problems })}\n`, exitCode);
  if (parsed.ok) return print(`${file} is right.\n`, exitCode);
  process.stderr.write(problems.map((problem) => `${file}: ${problemSentence(problem)}\n`).join(""));
  return exitCode;
}

function print(text: string, exitCode: number): number {
  process.stdout.write(text);
  return exitCode;
}
