import { type Observation, type ServiceCounts, stepAt, stepStartMs } from "../../model/series.ts";
import type { Window } from "../../model/units.ts";
import type { DesignCheck, SignalVerdict } from "../../model/verdict.ts";
import { type Track, tracksOf } from "../input/track.ts";
import { designP } from "./design-p.ts";
import { type Drawn, instantScores } from "./instant-scores.ts";
import { isVetoed } from "./veto.ts";

/**
 * Would this have looked as bad had nothing been done? The judge's own scores (scan and shift, in
 * spreads of the service's history) at the instant that was drawn among those at all minutes that
 * could have been, from the history alone. Minutes whose windows touch `taken` are left out.
 * @param taken when other experiments of ours disturbed the cluster
 */
export function checkOtherInstants(
  verdict: SignalVerdict,
  history: Observation,
  drawn: Drawn,
  taken: readonly Window[],
): DesignCheck {
  const { service, signal } = verdict;
  const unknown: DesignCheck = { service, signal, p: null, candidates: 0, vetoed: false };
  const counts = history.services.find((one) => one.service === service);
  if (counts === undefined || !sawAsMuch(verdict, history, counts, drawn)) return unknown;
  const scored = instantScores({ ...history, services: [counts] }, signal, drawn, taken);
  const found = scored === null ? null : designP(scored.scores, scored.drawn);
  return found === null ? unknown : { ...unknown, ...found, vetoed: isVetoed(found.p, found.candidates) };
}

/**
 * The history may have missed what the observation counted of series that were born in a failure:
 * then it cannot say how bad it was.
 */
const SEEN_SHARE = 0.8;

/** Did the history see the failures that the verdict rests on? */
function sawAsMuch(verdict: SignalVerdict, history: Observation, counts: ServiceCounts, drawn: Drawn): boolean {
  const excess = verdict.effect?.excess ?? 0;
  if ((verdict.signal !== "failures" && verdict.signal !== "connections") || excess <= 0) return true;
  const track = tracksOf({ ...history, services: [counts] }).find((one) => one.signal === verdict.signal);
  if (track?.form !== "share") return false;
  const startMs = stepStartMs(history.grid, stepAt(history.grid, drawn.t0Ms));
  const before = sums(track, history, startMs - drawn.geometry.beforeMs, startMs);
  const after = sums(track, history, startMs, drawn.observedToMs);
  return after.k - (after.n * before.k) / Math.max(before.n, 1) >= SEEN_SHARE * excess;
}

function sums(track: Extract<Track, { form: "share" }>, { grid }: Observation, fromMs: number, toMs: number) {
  let [k, n] = [0, 0];
  const row = track.rows[0]!;
  for (
    let i = Math.max(stepAt(grid, fromMs), 0);
    i < Math.min(Math.ceil((toMs - grid.startMs) / grid.stepMs), grid.steps);
    i++
  ) {
    if (Number.isNaN(row.n[i]!)) continue;
    k += row.k[i]!;
    n += row.n[i]!;
  }
  return { k, n };
}
