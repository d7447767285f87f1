/** Runs one TypeScript program of this repository with the Node that came with the installation. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { ensureInstalled } from "./install.mjs";

/** A terminal sends them to the whole group, `kill` only to us: so they are passed on, and programs take them twice. */
const PASSED_ON = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** How often to look whether npm is still there, in ms. */
const PARENT_LOOK_MS = 500;

/**
 * @param {string} root the repository, where the program runs
 * @param {string} program relative to it
 * @param {string[]} args
 * @returns {Promise<number>} its exit code; 128 + signal where a signal ended it, as shells count
 */
export async function runProgram(root, program, args) {
  const node = await ensureInstalled(root);
  const path = `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  const child = spawn(node, [program, ...args], { cwd: root, stdio: "inherit", env: { ...process.env, PATH: path } });
  for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
  endWithNpm(child);
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/**
 * A killed npm passes no signal on, and its program would run on unseen. (`exec` in the script of `npm start` takes the
 * shell between the two away: npm signals only that shell, which would end alone.)
 *
 * @param {import("node:child_process").ChildProcess} child
 */
function endWithNpm(child) {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) child.kill("SIGTERM");
  }, PARENT_LOOK_MS).unref();
}
