#!/usr/bin/env node
/** The `faultline` command: the same check of the installation, then cli/faultline.ts. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError } from "./install.mjs";
import { runProgram } from "./run-program.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
try {
  process.exitCode = await runProgram(root, "cli/faultline.ts", process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`faultline: ${error.message}\n`);
  process.exitCode = 1;
}
