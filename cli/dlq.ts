/** `faultline dlq`: the dead letters of the bridge, and sending them back. */
import { connectedList } from "./dlq/list-command.ts";
import { replayLetters } from "./dlq/replay-command.ts";

export async function dlq(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  return first === "replay" ? await replayLetters(rest) : await connectedList(first === "list" ? rest : argv);
}
