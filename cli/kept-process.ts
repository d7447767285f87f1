/** A long-running child that never outlives this process: see keeper.ts. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./paths.ts";

/** Longer than the keeper's own grace: it kills what does not end in time. */
const STOP_MS_MAX = 7_000;

export interface KeptProcess {
  readonly name: string;
  /** Resolves with its exit code when it ends, asked or not. */
  readonly exited: Promise<number>;
  /** Ends it with all that it started; resolves when it is gone. */
  stop(): Promise<void>;
}

/** `output`: "inherit", or the descriptor of a log file. */
export function startKept(
  name: string,
  command: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly output: "inherit" | number },
): KeptProcess {
  const keeper = spawn(process.execPath, [join(ROOT, "cli", "keeper.ts"), ...command], {
    cwd: ROOT,
    env: options.env,
    // Its own group: Ctrl-C in a terminal reaches us alone, and we end the children in order.
    detached: true,
    stdio: ["pipe", options.output, options.output],
  });
  const exited = new Promise<number>((resolve, reject) => {
    keeper.on("error", reject);
    keeper.on("exit", (code) => resolve(code ?? 1));
  });
  return {
    name,
    exited,
    async stop() {
      keeper.stdin?.end();
      const timer = setTimeout(() => keeper.kill("SIGKILL"), STOP_MS_MAX);
      await exited;
      clearTimeout(timer);
    },
  };
}
