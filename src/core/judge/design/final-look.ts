import type { ServiceId } from "../../model/cluster.ts";
import type { MinuteScores, TestKey } from "../../model/minutes.ts";
import type { Observation } from "../../model/series.ts";
import type { Window } from "../../model/units.ts";
import type { DesignCheck, SignalVerdict } from "../../model/verdict.ts";
import { tracksOf } from "../input/track.ts";
import { type Drawn, type InstantScores, instantScores } from "./instant-scores.ts";
import { minuteScores } from "./levels.ts";
import { checkOtherInstants } from "./other-instants.ts";

/** What a final look compares. */
export interface FinalLook {
  /** What it may withdraw. */
  readonly verdicts: readonly SignalVerdict[];
  /** What earlier experiments suspect, to be kept however it looks. */
  readonly suspected: readonly TestKey[];
  /** Of a sham: the services whose worst is kept; else empty. */
  readonly sham: readonly ServiceId[];
  /** Counts of all these services, at least. */
  readonly history: Observation;
  readonly drawn: Drawn;
  /** When other experiments of ours disturbed the cluster. */
  readonly taken: readonly Window[];
}

export interface FinalAnswer {
  /** One for each verdict, in their order. */
  readonly checks: readonly DesignCheck[];
  /** Of what was suspected, and of a sham, where the history tells. */
  readonly minutes: readonly MinuteScores[];
}

/** Everything that the minutes which were not drawn can say of one experiment. */
export function finalLook(look: FinalLook): FinalAnswer {
  const { verdicts, suspected, history, drawn, taken } = look;
  return {
    checks: verdicts.map((verdict) => checkOtherInstants(verdict, history, drawn, taken)),
    minutes: [...suspected.flatMap((test) => suspectedMinutes(test, look)), ...shamMinutes(look)],
  };
}

function suspectedMinutes(test: TestKey, { history, drawn, taken }: FinalLook): MinuteScores[] {
  const services = history.services.filter(({ service }) => service === test.service);
  const scored = services.length === 0 ? null : instantScores({ ...history, services }, test.signal, drawn, taken);
  return kept(test, scored);
}

/** The worst of all signals at each minute: what an alarm of the whole experiment goes by. */
function shamMinutes({ sham, history, drawn, taken }: FinalLook): MinuteScores[] {
  const all = history.services
    .filter(({ service }) => sham.includes(service))
    .flatMap((counts) => {
      const one: Observation = { ...history, services: [counts] };
      const signals = new Set(tracksOf(one).map((track) => track.signal));
      return [...signals].flatMap((signal) => instantScores(one, signal, drawn, taken) ?? []);
    });
  const [first] = all;
  if (first === undefined) return [];
  const scores = first.scores.map((_, i) => worst(all.map((one) => one.scores[i]!)));
  return kept(null, { scores, drawn: first.drawn });
}

function kept(test: TestKey | null, scored: InstantScores | null): MinuteScores[] {
  const minutes = scored === null ? null : minuteScores(test, scored);
  return minutes === null ? [] : [minutes];
}

/** The largest that is known; NaN when none is. */
function worst(scores: readonly number[]): number {
  const known = scores.filter((score) => !Number.isNaN(score));
  return known.length === 0 ? Number.NaN : Math.max(...known);
}
