import { workloadName } from "../model/cluster.ts";
import type { RiskState, SettledRisk } from "../model/risk.ts";
import { counted } from "./format.ts";

/** From what should be looked at first. */
export const RISK_STATES = ["confirmed", "untested", "unclear", "refuted"] as const satisfies readonly RiskState[];

/** What stands beside each risk. */
export const RISK_WORD: Readonly<Record<RiskState, string>> = {
  untested: "risk, untested",
  confirmed: "risk, confirmed",
  refuted: "risk, refuted",
  unclear: "risk, unclear",
};

/** What a state rests on, as a sentence without its experiment. */
export const RISK_STATE_TEXT: Readonly<Record<RiskState, string>> = {
  untested: "No experiment has tested it",
  confirmed: "An experiment confirmed it",
  refuted: "An experiment refuted it: no service was affected",
  unclear: "An experiment tested it: a service got worse, but nothing says that this was the cause",
};

/** `1 risk confirmed, 12 untested`; `no risk is known` without any. */
export function risksText(risks: readonly Pick<SettledRisk, "state">[]): string {
  const parts = RISK_STATES.flatMap((state) => {
    const count = risks.filter((risk) => risk.state === state).length;
    return count === 0 ? [] : [{ state, count }];
  });
  const [first, ...others] = parts;
  if (first === undefined) return "no risk is known";
  return [`${counted(first.count, "risk")} ${first.state}`, ...others.map((one) => `${one.count} ${one.state}`)].join(
    ", ",
  );
}

/** One risk for a terminal, with what it rests on and what to change. */
export function riskLines({ state, title, workload, evidence, fix, test }: SettledRisk): readonly string[] {
  return [
    `${RISK_WORD[state]}: ${title} (${workloadName(workload)})`,
    ...evidence.map((text) => `    ${text}`),
    ...(test === null ? [] : [`    ${RISK_STATE_TEXT[state]}: ${test.id}`]),
    ...fix.map((text) => `    to change: ${text}`),
  ];
}
