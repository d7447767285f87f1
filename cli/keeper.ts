/**
 * `node keeper.ts COMMAND ...`: runs a command for as long as stdin stays open, then ends it with all that it started.
 * Whoever holds the other end of the pipe may end in any way, even killed: the system closes the pipe, and nothing is
 * left behind. (`wrangler dev` is three processes deep and leaves the inner ones when its outer one is killed.)
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Time to end in good order before the group is killed, in ms. */
const GRACE_MS = 5_000;
/** Between two looks whether the group is gone, in ms. */
const LOOK_AGAIN_MS = 25;

const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error("usage: keeper.ts COMMAND [ARGUMENT ...]");

// Its own group, so that one signal reaches everything that the command starts.
const child = spawn(command, args, { detached: true, stdio: ["ignore", "inherit", "inherit"] });
const exited = new Promise<number>((resolve, reject) => {
  child.on("error", reject);
  child.on("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
});
const told = new Promise<void>((resolve) => {
  process.stdin.on("end", resolve).on("error", resolve).resume();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, resolve);
});

await Promise.race([exited, told]);
await endGroup(child.pid);
process.exit(await exited);

async function endGroup(group: number | undefined): Promise<void> {
  if (group === undefined) return;
  const deadline = performance.now() + GRACE_MS;
  signalGroup(group, "SIGTERM");
  while (signalGroup(group, 0) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  signalGroup(group, "SIGKILL");
}

/** Whether there was anybody to signal. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
