/**
 * One process at a time, by a lock file that names its holder. A lock whose holder is gone is taken over, so that a
 * killed process leaves nothing to clean up. Built-ins only: it guards the installation itself.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Between two looks at a lock that somebody else holds, in ms. */
const LOOK_AGAIN_MS = 100;

/**
 * Takes the lock, or tells who has it.
 *
 * @param {string} path
 * @returns {number | null} null: taken by this process; else the process id of the holder
 */
export function takeLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}`;
  // Linked, not written in place: nobody may read a lock that is there but does not name its holder yet.
  writeFileSync(mine, describe(process.pid));
  try {
    for (;;) {
      if (unless("EEXIST", () => (linkSync(mine, path), true))) return null;
      const holder = readIfThere(path);
      if (holder !== null && isAlive(holder)) return Number(holder.split(" ")[0]);
      takeAway(path, holder);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** @param {string} path a lock that this process took */
export function freeLock(path) {
  rmSync(path, { force: true });
}

/**
 * Runs `work` alone, after whoever holds the lock now.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(path, work) {
  while (takeLock(path) !== null) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  try {
    return await work();
  } finally {
    freeLock(path);
  }
}

/**
 * Removes a dead holder's lock, and no other: between reading and removing it somebody may have taken it over.
 *
 * @param {string} path
 * @param {string | null} dead what the lock said
 */
function takeAway(path, dead) {
  const aside = `${path}.${process.pid}.dead`;
  if (!unless("ENOENT", () => (renameSync(path, aside), true))) return;
  if (readIfThere(aside) !== dead) unless("EEXIST", () => linkSync(aside, path));
  rmSync(aside, { force: true });
}

/** @param {string} holder as `describe` wrote it */
function isAlive(holder) {
  const pid = Number(holder.split(" ")[0]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be signalled, but it lives.
    if (!hasCode(error, "EPERM")) return false;
  }
  return describe(pid) === holder;
}

/**
 * A process id is used again, in a container soon after each start; with the time its process began it is unique.
 *
 * @param {number} pid
 * @returns {string} the id, and where the system tells it (Linux) the process's start in ticks since boot
 */
function describe(pid) {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === null) return String(pid);
  // The command's name, in parentheses, may hold spaces; the state follows it, the start is the 20th field (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie waits for a parent that may never look: it holds nothing any more.
  return fields[0] === "Z" ? `${pid} gone` : `${pid} ${fields[19]}`;
}

/**
 * @param {string} path
 * @returns {string | null}
 */
function readIfThere(path) {
  return unless("ENOENT", () => readFileSync(path, "utf8"));
}

/**
 * @template T
 * @param {string} expected an error code that is an answer, not a failure
 * @param {() => T} action
 * @returns {T | null} null where it failed as expected
 */
function unless(expected, action) {
  try {
    return action();
  } catch (error) {
    if (hasCode(error, expected)) return null;
    throw error;
  }
}

/**
 * @param {unknown} error
 * @param {string} code as in ENOENT
 */
function hasCode(error, code) {
  return error instanceof Error && "code" in error && error.code === code;
}
