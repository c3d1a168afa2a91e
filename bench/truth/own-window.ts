import { isDegraded } from "../../src/core/model/verdict.ts";
import { randomOf } from "../lib/random.ts";
import { ask, BEFORE, callsOf, REACH } from "./experiment.ts";
import { generateWorld, windowOf } from "./world.ts";

const STEPS_A_DAY = 1440;
/** A world's second day, an experiment an hour: windows of 50 minutes do not overlap. */
const EVERY_STEPS = 60;

/** Experiments of one ordinary world in which nothing was injected, judged without any history. */
export interface OwnWindowAlarms {
  readonly experiments: number;
  readonly alarms: number;
}

/** No null is built for these, so thousands of experiments take minutes. */
export function measureOwnWindow(services: number, seed: number): OwnWindowAlarms {
  const world = generateWorld("ordinary", services, 2, seed);
  const calls = callsOf(world.services);
  const random = randomOf(seed ^ 0x0a1a);
  let [experiments, alarms] = [0, 0];
  const history = windowOf(world.services, 0, 1);
  for (let t0 = STEPS_A_DAY + BEFORE; t0 + REACH < 2 * STEPS_A_DAY; t0 += EVERY_STEPS) {
    const target = world.services[random.int(services)]!.service;
    const question = { services: world.services, calls, target, t0, history, nulls: null } as const;
    const { verdicts } = ask({ ...question, knowledge: "own-window" });
    experiments++;
    if (verdicts.some((v) => isDegraded(v.verdict.kind))) alarms++;
  }
  return { experiments, alarms };
}
