import { parentPort, workerData } from "node:worker_threads";
import { buildNulls, type Shape } from "../../src/core/judge/judge.ts";
import type { Observation } from "../../src/core/model/series.ts";

const { history, shape } = workerData as { history: Observation; shape: Shape };
const start = performance.now();
const nulls = buildNulls(history, shape, []);
parentPort!.postMessage({ nulls, ms: performance.now() - start });
