import { expect, test } from "vitest";
import { NEW_EXPERIMENT } from "../../../src/core/experiment/life.ts";
import type { ExperimentState } from "../../../src/core/model/experiment.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { EXIT } from "../../../src/main/io.ts";
import { sayLeft, sayWaiting, unlessLeft } from "../../../src/main/print/left.ts";
import { experimentPlan, podChoice, T0 } from "../../support/experiments.ts";

const LEFT = ["experiment e1: its http-abort is active"];

test("nothing is well while a fault is active, also where a refusal would be", () => {
  expect(unlessLeft(EXIT.ok, LEFT)).toBe(EXIT.failed);
  expect(unlessLeft(EXIT.ok, [])).toBe(EXIT.ok);
});

test.each([EXIT.notRecovered, EXIT.unknown, EXIT.failed, EXIT.refused])("what is not well stays %d", (code) =>
  expect([unlessLeft(code, LEFT), unlessLeft(code, [])]).toEqual([code, code]),
);

test("what is left is named, with what to do", () => {
  let err = "";
  const io = {
    err: (text: string) => {
      err += text;
    },
  };
  sayLeft([], io);
  expect(err).toBe("");
  sayLeft(LEFT, io);
  expect(err).toBe(
    "LEFT: experiment e1: its http-abort is active\nRun `aftershock follow-up` until nothing is left.\n",
  );
});

test("what is waited for is named, with until when", () => {
  let out = "";
  const say = sayWaiting("Europe/Berlin", (text) => {
    out += text;
  });
  const fault = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 } as const;
  const state: ExperimentState = {
    ...NEW_EXPERIMENT,
    plan: experimentPlan({ id: "e1" }),
    choice: { ...podChoice(), fault },
    t0Ms: T0,
    phase: "observing",
    injection: "injected",
  };
  say(state);
  say({ ...state, phase: "intended", injection: "intended" });
  expect(out).toBe(
    "waiting until 10:20:00: experiment e1: its http-abort is active\nwaiting: experiment e1: nobody knows yet whether its http-abort was done\n",
  );
});
