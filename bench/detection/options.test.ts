import { describe, expect, it } from "vitest";
import { parseDetectionOptions } from "./options.ts";
import { SEEDS } from "./seeds.ts";
import { type Task, tasksOf } from "./task.ts";

const tasks = (...argv: string[]): Task[] => tasksOf(parseDetectionOptions(argv));

describe("the options of the detection benchmark", () => {
  it("cover all cells where nothing is left out", () => {
    const options = parseDetectionOptions([]);
    expect(options).toMatchObject({
      seeds: "tuning",
      rates: [1, 10, 100, 1000],
      base_errors: [0.001, 0.02],
      out: null,
    });
    const cells = new Set(tasksOf(options).map(({ cell }) => JSON.stringify(cell)));
    expect(cells.has('{"fault":"down","variant":"late","rate":1000,"base_error":0.02}')).toBe(true);
    expect(cells.has('{"kind":"benign","rate":1,"base_error":0.001}')).toBe(true);
    expect(cells.has('{"kind":"one-user","rate":0.2,"base_error":0.001}')).toBe(true);
  });

  it("leave out what is not asked for", () => {
    const own = tasks("--only", "down", "--rates", "10", "--base", "0.02", "--variants", "warm", "--runs", "7");
    expect(own).toEqual([
      { kind: "fault", cell: { fault: "down", variant: "warm", rate: 10, base_error: 0.02 }, index: 0, count: 5 },
      { kind: "fault", cell: { fault: "down", variant: "warm", rate: 10, base_error: 0.02 }, index: 5, count: 2 },
    ]);
  });

  it.each(["40", "500"])("give %s service-days in all, but for lives that need more to mean anything", (days) => {
    const sum = tasks("--only", "quiet,benign,one-user", "--days", days).reduce(
      (total, task) => total + (task.kind === "healthy" ? task.days : 0),
      0,
    );
    expect(sum).toBeCloseTo(Number(days));
  });

  it("report on other seeds than those tuned on, with more days", () => {
    expect(SEEDS.tuning).not.toBe(SEEDS.reporting);
    expect(parseDetectionOptions(["--seeds", "reporting"]).days).toBeGreaterThanOrEqual(500);
  });

  it.each([
    [["--only", "downn"], /downn/],
    [["--rates", "5"], /--rates/],
    [["--contender", "nobody"], /nobody/],
    [["--days", "few"], /--days/],
    [["--loud"], /--loud/],
  ])("refuse %j by name", (argv, message) => {
    expect(() => parseDetectionOptions(argv)).toThrow(message);
  });
});
