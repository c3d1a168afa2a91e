import type { Grid } from "../../model/series.ts";
import type { Window } from "../../model/units.ts";
import { MOST_PLACEBOS } from "./constants.ts";
import type { Windows } from "./windows.ts";

/**
 * Steps of the history at which an injection can be pretended: the whole window fits, and touches
 * neither the window that is judged nor any time in `excluded`. Strided to about `MOST_PLACEBOS`.
 */
export function placeboPositions(history: Grid, windows: Windows, own: Window, excluded: readonly Window[]): number[] {
  const back = windows.before.to - windows.before.from;
  const ahead = windows.after.to - windows.after.from;
  const bad = [own, ...excluded];
  const free: number[] = [];
  for (let t0 = back; t0 + ahead <= history.steps; t0++) {
    const fromMs = history.startMs + (t0 - back) * history.stepMs;
    const toMs = history.startMs + (t0 + ahead) * history.stepMs;
    if (!bad.some((w) => w.fromMs < toMs && fromMs < w.toMs)) free.push(t0);
  }
  const stride = Math.max(1, Math.floor(free.length / MOST_PLACEBOS));
  return free.filter((_, i) => i % stride === 0);
}
