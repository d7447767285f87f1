/** A thread of the detection benchmark: runs the tasks that it is sent. */
import { parentPort, workerData } from "node:worker_threads";
import type { WorkerData } from "./pool.ts";
import { runTask, type Task } from "./task.ts";

const options = workerData as WorkerData;
parentPort?.on("message", (task: Task) => parentPort?.postMessage(runTask(options, task), []));
