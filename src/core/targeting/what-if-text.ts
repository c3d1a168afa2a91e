import { workloadName } from "../model/cluster.ts";
import { counted } from "../text/format.ts";
import { wrap } from "../text/wrap.ts";
import type { SparedPod } from "./checks/pods.ts";
import type { Reachable, WhatIf, WorstCase } from "./what-if.ts";

const WORST_WORD: Readonly<Record<WorstCase, string>> = {
  outage: "nobody left to answer",
  faulted: "requests fail or wait",
  caller: "calls one of these",
  fewer: "fewer pods",
};

/**
 * What could be hit, and the worst case of each service, for a terminal. Ends without a line break.
 */
export function whatIfText({ reachable, outOfReach, services }: WhatIf, width = 100): string {
  const column = Math.max(...Object.values(WORST_WORD).map((word) => word.length)) + 2;
  const parts = [
    [
      `COULD BE HIT, WERE EVERY POLICY ARMED: ${counted(reachable.length, "workload")}`,
      ...reachable.flatMap((one) => wrap(reachableText(one), width, "  ", "      ")),
    ],
    outOfReach.length === 0
      ? []
      : [
          `LEFT ALONE: ${counted(outOfReach.length, "workload")}`,
          ...outOfReach.flatMap(({ policy, workload, whyNot }) =>
            wrap(`${policy}: ${workloadName(workload)}: ${whyNot.join("; ")}`, width, "  ", "      "),
          ),
        ],
    [
      "WORST CASE FOR EACH SERVICE",
      ...services.flatMap(({ service, worst, why }) =>
        wrap(`${service}: ${why}`, width, `  ${WORST_WORD[worst].padEnd(column)}`, " ".repeat(column + 2)),
      ),
      services.length === 0
        ? "  nothing can touch any service"
        : "  Of no other service it is known that it could be touched.",
    ],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function reachableText({ policy, workload, faults, replicas, atMost, notNow, spared, notes }: Reachable): string {
  const pods = atMost === 0 ? "its requests alone" : `${atMost} of ${counted(replicas, "pod")} at once`;
  const later = notNow.length === 0 ? "" : ` (not now: ${notNow.join("; ")})`;
  const but = spared.length === 0 ? "" : ` (not now ${sparedText(spared)})`;
  const known = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return `${policy}: ${workloadName(workload)}: ${pods}, by ${faults.join(" or ")}${later}${but}${known}`;
}

/** `pod web-0: it is not ready; pod web-1: …`. */
export const sparedText = (spared: readonly SparedPod[]): string =>
  spared.map(({ name, whyNot }) => `pod ${name}: ${whyNot}`).join("; ");
