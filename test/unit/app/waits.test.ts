import { expect, test } from "vitest";
import { withWaits } from "../../../src/app/judge/waits.ts";
import type { Judgement } from "../../../src/core/model/verdict.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { judgement, recovered, signalVerdict, slowEffect } from "../../support/story.ts";

const slow = (service: string) =>
  signalVerdict(service, "latency", recovered(60_000), { effect: slowEffect(0.01, 0.5) });
const BOTH = judgement([slow("go-app"), slow("repeater"), slow("elsewhere")], {
  concerned: ["go-app/go-app", "go-app/repeater"],
});

/** What was asked, and the judgement after it. */
async function after(judged: Judgement, fails = false) {
  const asked: string[] = [];
  const warnings: string[] = [];
  const waits = async (services: readonly string[], { fromMs, toMs }: { fromMs: number; toMs: number }) => {
    asked.push(`${services.join(" ")} for ${toMs - fromMs} from ${fromMs - T0}`);
    if (fails) throw new Error("away");
    return services.map((service) => ({ service, atLeastMs: 2_500 }));
  };
  const log = { warn: (text: string) => warnings.push(text) } as never;
  const state = { plan: experimentPlan(), t0Ms: T0 };
  const signal = new AbortController().signal;
  const told = await withWaits({ metrics: { waits }, log }, "id", state, judged, signal);
  return { asked, warnings, told };
}

test("how long answers took is asked of the services concerned that got slower, in the early window", async () => {
  const { asked, told } = await after(BOTH);
  expect(asked).toEqual([`go-app/go-app go-app/repeater for ${experimentPlan().geometry.earlyMs} from 0`]);
  expect(told.waited?.map(({ atLeastMs }) => atLeastMs)).toEqual([2_500, 2_500]);
  expect(told.sourceRequests).toBe(BOTH.sourceRequests + 1);
});

test("nothing is asked where one service alone got slower", async () => {
  const alone = judgement([slow("go-app"), slow("elsewhere")], { concerned: ["go-app/go-app"] });
  expect(await after(alone)).toMatchObject({ asked: [], told: alone });
});

test("a source that cannot tell spoils no judgement", async () => {
  const { told, warnings } = await after(BOTH, true);
  expect(told).toEqual(BOTH);
  expect(warnings).toEqual(["cannot tell how long answers took"]);
});
