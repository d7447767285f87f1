/**
 * Installs what is missing, before anything that needs it runs. Built-ins only, for whatever Node 20 or newer is there:
 * the tools need a newer one, which the npm package `node` brings along.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alone } from "./lock.mjs";

/** A refusal that a person can act on: one line, no stack. */
export class InstallError extends Error {}

/**
 * Whether node_modules holds exactly what package-lock.json asks for. npm records what it installed in a lockfile of
 * its own when it is done, so that an interrupted or outdated installation is told from a complete one, whoever ran it.
 *
 * @param {string} root the repository
 * @returns {boolean}
 */
export function isInstalled(root) {
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (installed === null) return false;
  const wanted = readPackages(join(root, "package-lock.json"));
  if (wanted === null) throw new InstallError("package-lock.json is missing: this is not a complete clone.");
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = installed[path];
    // What only other platforms need is rightly absent.
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

/**
 * Runs `npm ci` where it is needed; says so on stderr, because stdout may be somebody's input.
 *
 * @param {string} root
 * @returns {Promise<string>} the path of the Node that came with the installation
 */
export async function ensureInstalled(root) {
  if (!isInstalled(root)) {
    const lock = join(
      tmpdir(),
      `faultline-install-${createHash("sha256").update(root).digest("hex").slice(0, 16)}.lock`,
    );
    // Two commands in a fresh clone must not install into the same folder at once.
    await alone(lock, async () => {
      if (!isInstalled(root)) await install(root);
    });
  }
  const node = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
  if (!existsSync(node)) {
    throw new InstallError(
      "Node 24 is missing from node_modules, because npm was told to ignore install scripts: run `npm rebuild node esbuild workerd --ignore-scripts=false`.",
    );
  }
  return node;
}

/** @param {string} root */
async function install(root) {
  const began = Date.now();
  process.stderr.write("Installing what is missing (npm ci, about 20 seconds) ...\n");
  const code = await runNpm(root, ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (code !== 0) throw new InstallError(`\`npm ci\` ended with exit code ${code}: what it printed above says why.`);
  process.stderr.write(`Installed in ${((Date.now() - began) / 1000).toFixed(1)} s.\n`);
}

/**
 * Under `npm run` the very npm that runs, with its own Node: the `node` on PATH may be the one that is being replaced.
 *
 * @param {string} root
 * @param {string[]} args
 * @returns {Promise<number>}
 */
function runNpm(root, args) {
  const npm = process.env["npm_execpath"];
  const [command, ...before] = npm ? [process.env["npm_node_execpath"] || process.execPath, npm] : ["npm"];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...before, ...args], {
      cwd: root,
      stdio: ["ignore", process.stderr, process.stderr],
    });
    child.on("error", (error) =>
      reject(new InstallError(`npm cannot be run (${error.message}): install Node with npm.`)),
    );
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/**
 * @param {string} path a lockfile
 * @returns {Record<string, { version?: string, optional?: boolean }> | null} null where there is none
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
