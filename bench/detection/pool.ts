/** Worker threads that take tasks one at a time; results come back in the order of the tasks, whatever ran first. */
import { URL } from "node:url";
import { Worker } from "node:worker_threads";
import type { DetectionOptions } from "./options.ts";
import type { Task, TaskResult } from "./task.ts";

/** What a worker is told at its start. */
export type WorkerData = Pick<DetectionOptions, "seeds" | "contenders">;

/** Rejects with what a task threw; all workers have ended by then. */
export async function runTasks(
  options: DetectionOptions,
  tasks: readonly Task[],
  onDone: (done_count: number) => void,
): Promise<TaskResult[]> {
  const results = new Map<number, TaskResult>();
  let next = 0;
  const workers = Array.from({ length: Math.min(options.workers, tasks.length) }, () => {
    const { seeds, contenders } = options;
    return new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: { seeds, contenders } satisfies WorkerData,
    });
  });
  const work = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        let at = -1;
        const advance = (): void => {
          at = next;
          next += 1;
          const task = tasks[at];
          if (task === undefined) resolve();
          else worker.postMessage(task, []);
        };
        worker.on("error", reject);
        worker.on("message", (result: TaskResult) => {
          results.set(at, result);
          onDone(results.size);
          advance();
        });
        advance();
      }),
  );
  try {
    await Promise.all(work);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return tasks.map((_, index) => results.get(index)!);
}
