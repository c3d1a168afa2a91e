import type { Session } from "../client/session.ts";
import type { Labels } from "../signals/classify.ts";
import { anyOf, durationMs, fillQuery } from "../signals/promql.ts";
import type { Signals } from "../signals/signals.ts";
import { type Proof, targetOf } from "./tally.ts";

/**
 * Looks up since when the proxies behind `targets` (as `targetOf` names them) were scraped, and when they started: one request.
 * Proxies of which nothing is known are absent.
 */
export async function fetchProofs(
  session: Session,
  signals: Signals,
  targets: readonly string[],
  endMs: number,
  rangeMs: number,
): Promise<ReadonlyMap<string, Proof>> {
  const proofs = new Map<string, Proof>();
  const at = signals.labels.target.indexOf("instance");
  const instances = [...new Set(targets.map((target) => target.split("\0")[at] ?? ""))].filter((name) => name !== "");
  if (instances.length === 0) return proofs;
  const query = fillQuery(signals.queries.evidence, { instances: anyOf(instances), range: durationMs(rangeMs) });
  await session.raw(query, endMs, (labels, { timesMs, values, n }) => {
    for (const target of targets.filter((candidate) => agrees(candidate, labels, signals))) {
      const known = proofs.get(target) ?? { firstUpMs: null, startedMs: null };
      if (labels.__name__ === signals.evidence.up) {
        const up = values.subarray(0, n).indexOf(1);
        if (up >= 0)
          proofs.set(target, { ...known, firstUpMs: Math.min(timesMs[up]!, known.firstUpMs ?? timesMs[up]!) });
      } else if (labels.__name__ === signals.evidence.processStart && n > 0) {
        proofs.set(target, { ...known, startedMs: values[n - 1]! * 1000 });
      }
    }
  });
  return proofs;
}

/** `up` may lack labels that the series of its target have; where it has them, they must be equal. */
function agrees(target: string, labels: Labels, signals: Signals): boolean {
  if (targetOf(labels, signals) === target) return true;
  const parts = target.split("\0");
  return signals.labels.target.every((name, i) => labels[name] === undefined || labels[name] === parts[i]);
}
