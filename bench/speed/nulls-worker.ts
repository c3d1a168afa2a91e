import { parentPort, workerData } from "node:worker_threads";
import { buildNulls, type Shape } from "../../src/core/judge/judge.ts";
import type { Observation } from "../../src/core/model/series.ts";

const { history, shape } = workerData as { history: Observation; shape: Shape };
const start = process.threadCpuUsage();
const nulls = buildNulls(history, shape, []);
const used = process.threadCpuUsage(start);
parentPort!.postMessage({ nulls, ms: (used.user + used.system) / 1_000 });
