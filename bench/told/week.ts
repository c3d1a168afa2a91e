import type { ExperimentState } from "../../src/core/model/experiment.ts";
import type { WeeklyReport } from "../../src/core/model/weekly-report.ts";
import type { WeeklyInput } from "../../src/core/report/weekly/input.ts";
import { weeklyReport } from "../../src/core/report/weekly.ts";
import { judgement, STORY_VERDICTS } from "../../test/support/story.ts";
import { experiment, TRANSIENT, WEEK, WEEK_INPUT } from "../../test/support/week.ts";

/** A week of so many experiments on 300 workloads, every seventh with damage that stays. */
export function bigWeek(count: number): WeeklyInput {
  const experiments = Array.from(
    { length: count },
    (_, i): ExperimentState =>
      experiment({
        slotMs: WEEK.fromMs + i * 60_000,
        on: `service-${i % 300}`,
        judged: i % 7 === 0 ? judgement(STORY_VERDICTS) : TRANSIENT,
      }),
  );
  return { ...WEEK_INPUT, experiments };
}

/** Time and memory that putting a week together takes. */
export function measureWeek(input: WeeklyInput): { report: WeeklyReport; seconds: number; mib: number } {
  const before = process.memoryUsage().heapUsed;
  const start = process.cpuUsage();
  const report = weeklyReport(input);
  const used = process.cpuUsage(start);
  const mib = Math.max(0, process.memoryUsage().heapUsed - before) / 1_024 ** 2;
  return { report, seconds: (used.user + used.system) / 1e6, mib };
}
