import { describe, expect, it } from "vitest";
import { parseDetectionOptions } from "./options.ts";
import { fullTables, jsonLines } from "./report.ts";
import { scoresOf } from "./scoring.ts";
import { shortTables } from "./short-report.ts";
import { runTask, tasksOf } from "./task.ts";

const OPTIONS = parseDetectionOptions(
  "--only errors-20-40,one-user --variants warm --rates 10 --base 0.02 --runs 2 --days 1 --contender static-5m,burn-rate".split(
    " ",
  ),
);
const SCORES = scoresOf(tasksOf({ ...OPTIONS, days: 0.1 }).map((task) => runTask(OPTIONS, task)));

describe("the report", () => {
  it("says in JSON lines what was run, then a cell a line with all contenders", () => {
    const [setting, ...cells] = jsonLines(OPTIONS, SCORES)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(setting).toMatchObject({ type: "setting", bench: "detection", seeds: "tuning", runs: 2 });
    expect(cells).toHaveLength(2);
    expect(cells.find(({ type }) => type === "fault")).toMatchObject({
      fault: "errors-20-40",
      rate: 10,
      contenders: { "static-5m": { runs: 2, recall: 1 }, "burn-rate": { runs: 2, recall: 0 } },
    });
    expect(cells.find(({ type }) => type === "healthy")).toMatchObject({ kind: "one-user", contenders: {} });
  });

  it("shows a person a column for each contender", () => {
    const text = fullTables(SCORES, OPTIONS.contenders);
    expect(text).toMatch(/errors-20-40 +warm +10\/s +2 % +100 % \S+ +0 %/);
    expect(text).toMatch(/all found, median <= 6 s.* NOT: 100 %.* NOT: 0 %, never, never/);
  });

  it("has a short form in Markdown", () => {
    const rows = shortTables(SCORES, OPTIONS).split("\n");
    expect(rows[0]).toBe("| Fault: found, median (worst p95) | static-5m | burn-rate |");
    expect(rows).toContainEqual(expect.stringMatching(/^\| errors-20-40 \| 100 %, \d+ s \(\d+ s\) \| 0 % \|$/));
  });
});
