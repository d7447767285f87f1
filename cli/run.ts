/** Runs a command of node_modules/.bin to its end and gives what it printed. */
import { spawn } from "node:child_process";
import { ROOT } from "./paths.ts";

export interface RunResult {
  readonly code: number;
  /** stdout and stderr as they came. */
  readonly output: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly output?: "captured" | "inherit";
  /** Ends the command early; the promise then rejects. */
  readonly ended?: AbortSignal;
}

export async function run(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("a command needs a program");
  const stdio = options.output ?? "captured";
  const child = spawn(program, args, {
    cwd: options.cwd ?? ROOT,
    env: options.env ?? process.env,
    ...(options.ended === undefined ? {} : { signal: options.ended }),
    stdio: stdio === "inherit" ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    // "close", not "exit": what the command printed last may still be on its way.
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, output: Buffer.concat(chunks).toString("utf8") };
}
