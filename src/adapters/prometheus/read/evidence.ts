import type { OnSeries } from "../client/matrix-reader.ts";
import type { Session } from "../client/session.ts";
import type { Labels } from "../signals/classify.ts";
import { anyOf, durationMs, fillQuery } from "../signals/promql.ts";
import type { Signals } from "../signals/signals.ts";
import { targetOf } from "./scrapes.ts";
import type { Proof } from "./tally.ts";

/**
 * Looks up since when the proxies behind `targets` (as `targetOf` names them) were scraped, and
 * when they started: two requests. Proxies of which nothing is known are absent.
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
  const { up, processStart } = signals.evidence;
  const values = { instances: anyOf(instances), range: durationMs(rangeMs) };
  const note = (labels: Labels, news: (known: Proof) => Proof): void => {
    for (const target of targets.filter((candidate) => agrees(candidate, labels, signals))) {
      proofs.set(target, news(proofs.get(target) ?? { firstUpMs: null, startedMs: null }));
    }
  };
  const ask = (metric: string, onSeries: OnSeries): Promise<void> =>
    session.raw(fillQuery(signals.queries.evidence, { metric, ...values }), endMs, onSeries);
  await Promise.all([
    ask(up, (labels, { timesMs, values: said, n }) => {
      const first = timesMs[said.subarray(0, n).indexOf(1)];
      if (first === undefined) return;
      note(labels, (known) => ({ ...known, firstUpMs: Math.min(first, known.firstUpMs ?? first) }));
    }),
    ask(processStart, (labels, { values: said, n }) => {
      if (n > 0) note(labels, (known) => ({ ...known, startedMs: said[n - 1]! * 1000 }));
    }),
  ]);
  return proofs;
}

/**
 * `up` may lack labels that the series of its target have; where it has them, they must be equal.
 */
function agrees(target: string, labels: Labels, signals: Signals): boolean {
  if (targetOf(labels, signals) === target) return true;
  const parts = target.split("\0");
  return signals.labels.target.every((name, i) => labels[name] === undefined || labels[name] === parts[i]);
}
