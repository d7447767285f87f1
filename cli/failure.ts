/** How a command refuses: one line that says what is wrong and what to do, and an exit code. */

/** 1: it could not be done. 2: it was asked for wrongly. */
type ExitCode = 1 | 2;

/** An expected failure. Anything else is a bug and keeps its stack. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a program to its exit code; an expected failure becomes its one line on stderr. */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`faultline: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

/** An unknown thrown value in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
