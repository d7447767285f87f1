/** How the generator refuses: one line that says what is wrong and what would be right, and an exit code. */

/** 1: it cannot be done. 2: a wrong option. 3: the receiver refuses the token. */
type ExitCode = 1 | 2 | 3;

/** An expected failure that trying again would not mend. Anything else is a bug and keeps its stack. */
export class GeneratorFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The receiver cannot take the batch now; the same batch may be sent again. */
export class Unavailable extends Error {}

/** An unknown thrown value in words, with the cause that `fetch` hides one level down. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return cause.message || code || error.message;
}
