/** Style that a machine can judge, after TigerBeetle's `tidy.zig`: every tracked text file is looked at. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../cli/paths.ts";

const LINES_MAX = 400;
/** Names that tools and customs fix. */
const NAMED_BY_CUSTOM = /^(README|CHANGELOG|LICENSE|NOTES|[A-Z]+)(\.md)?$|^\+[a-z]+(\.[a-z]+)+$|^_headers$/;
/** kebab-case with any suffixes, a leading dot allowed; migrations begin with their number. */
const KEBAB = /^\.?[a-z0-9]+([-_]?[a-z0-9]+)*(\.[a-z0-9_]+)*$/;
const PASCAL_COMPONENT = /^[A-Z][A-Za-z0-9]*\.svelte$/;

/** Tracked files and those that are about to be, without what git ignores. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: ROOT })
  .toString("utf8")
  .split("\0")
  .filter((file) => file !== "" && existsSync(join(ROOT, file)));
const texts = files.filter((file) => !/\.(png|ico|woff2?|jpg)$/.test(file) && file !== "package-lock.json");

/** "file:line" of each line that matches, so that a failure says where. */
function linesWith(pattern: RegExp, among: readonly string[] = texts): string[] {
  return among.flatMap((file) =>
    readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

/** The words are put together here, or this file would find itself. */
const words = (...parts: readonly string[][]) => parts.map((part) => part.join("")).join("|");

describe("every file", () => {
  test(`has at most ${LINES_MAX} lines, recorded results and configuration of tools aside`, () => {
    const sources = texts.filter((file) => /\.(ts|mjs|svelte|css|sql|sh)$/.test(file));
    const long = sources.filter((file) => readFileSync(join(ROOT, file), "utf8").split("\n").length - 1 > LINES_MAX);
    expect(long).toEqual([]);
  });

  test("is named in kebab-case, or in PascalCase where it is a component", () => {
    const odd = files.filter((file) => {
      const name = basename(file);
      return !KEBAB.test(name) && !PASCAL_COMPONENT.test(name) && !NAMED_BY_CUSTOM.test(name);
    });
    expect(odd).toEqual([]);
  });

  test("is free of postponed work, silenced checks and skipped tests", () => {
    const postponed = words(["TO", "DO"], ["FIX", "ME"], ["X", "XX"]);
    const silenced = words(
      ["@ts-", "ignore"],
      ["@ts-", "expect-error"],
      ["eslint-", "disable"],
      ["oxlint-", "disable"],
    );
    const skipped = words(["\\.(only|skip|to", "do)\\("]);
    expect(linesWith(new RegExp(`\\b(${postponed})\\b|${silenced}|${skipped}`))).toEqual([]);
  });

  test("names no folder of anybody's machine", () => {
    expect(linesWith(/(^|[^A-Za-z0-9_.~$}])\/(root|work|home|Users)\/[A-Za-z0-9]/)).toEqual([]);
  });

  test("names no package registry, the lockfile included", () => {
    const registry = new RegExp(
      words(["registry\\.", "npmjs"], ["npm\\.", "pkg\\.github"], ['"resolved":', ' *"https?:']),
    );
    expect(linesWith(registry, [...texts, "package-lock.json"])).toEqual([]);
  });
});

describe("the repository", () => {
  test("has a licence, a changelog, an introduction and an executable check", () => {
    for (const file of ["LICENSE", "CHANGELOG.md", "README.md", ".ci/run"]) expect(files).toContain(file);
    expect(readFileSync(join(ROOT, "LICENSE"), "utf8")).toContain("MIT License");
  });

  test("numbers its migrations without gap or repetition", () => {
    const migrations = readdirSync(join(ROOT, "worker/migrations")).toSorted();
    const numbers = migrations.map((name) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    expect(numbers).toEqual(migrations.map((_name, index) => String(index + 1).padStart(4, "0")));
    expect(numbers.length).toBeGreaterThan(0);
  });

  test("keeps secrets and local state out of git", () => {
    const ignored = execFileSync(
      "git",
      ["check-ignore", ".dev.vars", ".wrangler/state", "node_modules", "web/build/index.html"],
      {
        cwd: ROOT,
      },
    );
    expect(ignored.toString("utf8").trim().split("\n")).toHaveLength(4);
    expect(files.filter((file) => /\.(vars|pem|key)$|\.env/.test(file))).toEqual([]);
  });
});

describe("domain/", () => {
  const domain = texts.filter((file) => file.startsWith("domain/") && !file.endsWith(".test.ts"));

  test("reads the clock nowhere: a date is made from an argument", () => {
    // oxlint forbids Date.now(); it has no word for a constructor without arguments.
    expect(linesWith(/\bnew Date\b(?!\s*\(\s*([^\s)]|$))|(?<!new )\bDate\(\s*\)/, domain)).toEqual([]);
  });
});
