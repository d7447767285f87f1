import { describe, expect, it } from "vitest";
import { parseDetectionOptions } from "./options.ts";
import { runTasks } from "./pool.ts";
import { runTask, tasksOf } from "./task.ts";

const OPTIONS = parseDetectionOptions(
  "--only errors-20-40,latency-x5-10 --variants cold --rates 1,10 --base 0.02 --runs 8 --contender static-5m".split(
    " ",
  ),
);

describe("the pool of workers", () => {
  it("gives what one thread would give, in the order of the tasks", async () => {
    const tasks = tasksOf(OPTIONS);
    const alone = tasks.map((task) => runTask(OPTIONS, task));
    const progress: number[] = [];
    const together = await runTasks({ ...OPTIONS, workers: 2 }, tasks, (done) => progress.push(done));
    expect(together).toEqual(alone);
    expect(progress).toEqual(tasks.map((_, i) => i + 1));
  });

  it("fails when a task does", async () => {
    const [task] = tasksOf(OPTIONS);
    await expect(runTasks({ ...OPTIONS, contenders: ["nobody"] }, [task!], () => undefined)).rejects.toThrow("nobody");
  });
});
