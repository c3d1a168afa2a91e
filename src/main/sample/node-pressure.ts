import { readFile } from "node:fs/promises";
import type { Answerer } from "./serve.ts";

/** Microseconds are what the kernel counts in. */
const US_PER_SECOND = 1_000_000;

/**
 * What node exporter says of CPU pressure, for clusters that have none: the kernel's count of the
 * time in which some process waited, for each of `nodes`, which share this kernel.
 */
export function nodePressure(nodes: readonly string[], file = "/proc/pressure/cpu"): Answerer {
  return async () => {
    const waited = /^some .*\btotal=(\d+)$/m.exec(await readFile(file, "utf8"))?.[1];
    if (waited === undefined) throw new Error(`${file} does not say how long some process waited`);
    const name = "node_pressure_cpu_waiting_seconds_total";
    const lines = nodes.map((node) => `${name}{node="${node}"} ${Number(waited) / US_PER_SECOND}`);
    return { status: 200, body: [`# TYPE ${name} counter`, ...lines].join("\n") };
  };
}
