import { findRisks, settleRisks } from "../../src/core/diagnose/risks/find.ts";
import { replay } from "../../src/core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../src/core/model/experiment.ts";
import type { JournalEntry } from "../../src/core/model/journal.ts";
import type { Grid, Observation, ServiceCounts } from "../../src/core/model/series.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/model/units.ts";
import type { ServiceBands, SignalBand } from "../../src/core/observe/band.ts";
import { serviceCalls } from "../../src/core/observe/service-calls.ts";
import { weekPlus } from "../../src/core/report/week.ts";
import { findingsOf } from "../../src/core/report/weekly/findings.ts";
import { weeklyReport } from "../../src/core/report/weekly.ts";
import type { WebData, WebStatus } from "../../src/views/data.ts";
import { listed } from "../../src/views/lists/listed.ts";
import { storyCluster } from "./cluster.ts";
import { experimentPlan } from "./experiments.ts";
import { STORY_FINDINGS } from "./notices.ts";
import { shippedRiskRules } from "./rules.ts";
import { judgement, STORY_EDGES, STORY_VERDICTS, signalVerdict } from "./story.ts";
import { KINDS } from "./web-kinds.ts";
import { experimentEvents, idOf, T_DATABASE, WEEK, WEEK_EXPERIMENTS, WEEK_INPUT } from "./week.ts";

/**
 * A dashboard full of the go-app story: the database was lost on Thursday, and again on Friday,
 * where the damage is still open.
 */

const T_OPEN = WEEK.fromMs + 4 * DAY_MS + 14 * HOUR_MS;
const NOW_MS = T_OPEN + 47 * MINUTE_MS;
export const OPEN_ID = idOf(T_OPEN);

const at = (ms: number) => ({ point: ms, low: ms - 5 * SECOND_MS, high: ms + 5 * SECOND_MS, level: 0.95 });

const OPEN_EVENTS: readonly ExperimentEvent[] = experimentEvents({
  slotMs: T_OPEN,
  on: "go-app-db",
  judged: judgement(
    [
      ...STORY_VERDICTS.map((v) => ({ ...v, onsetMs: v.onsetMs === null ? null : at(T_OPEN + 4 * SECOND_MS) })),
      signalVerdict("mailer", "failures", {
        kind: "inconclusive",
        why: "no-traffic",
        detail: "no request in the windows: send some, or it can never be judged",
      }),
    ],
    {
      concerned: ["go-app/go-app", "go-app/repeater", "go-app/go-app-db"],
      notes: ["1 scrape was lost in the late window."],
      learning: true,
    },
  ),
  findings: STORY_FINDINGS.map((finding) => ({ ...finding, status: "known" as const })),
  later: [
    {
      kind: "still-down",
      services: ["go-app/go-app", "go-app/repeater"],
      nextMs: NOW_MS + 2 * MINUTE_MS,
      reminder: null,
    },
  ],
});

function entriesOf(events: readonly ExperimentEvent[], fromMs: number): JournalEntry<ExperimentEvent>[] {
  const id = events[0]?.kind === "planned" ? events[0].plan.id : "";
  return events.map((event, i) => ({
    stream: `experiment/${id}`,
    seq: i + 1,
    atMs: fromMs + i * 90 * SECOND_MS,
    event,
  }));
}

const grid: Grid = { startMs: T_OPEN - 12 * MINUTE_MS, stepMs: 30 * SECOND_MS, steps: 42 };

/** A wobble without chance: the same picture every time. */
const wobble = (i: number, salt: number): number => Math.sin(i * 12.9898 + salt * 78.233) * 0.5;

function countsOf(service: string, failing: number, salt: number): ServiceCounts {
  const at = (i: number): number => (grid.startMs + i * grid.stepMs - T_OPEN) / MINUTE_MS;
  const fill = (value: (i: number) => number): Float64Array =>
    Float64Array.from({ length: grid.steps }, (_, i) => Math.max(0, Math.round(value(i))));
  const requests = fill((i) => 600 + 60 * wobble(i, salt));
  const failures = fill((i) => (at(i) < 0 ? 0 : (requests[i] ?? 0) * failing * (1 + 0.08 * wobble(i, salt + 1))));
  const successes = requests.map((n, i) => n - (failures[i] ?? 0));
  return {
    service,
    reporter: "source",
    requests,
    failures,
    latency: {
      boundsMs: [50, 100, 250],
      successes,
      slow: [0.2, 0.05, 0.01].map((share) => fill((i) => (successes[i] ?? 0) * share * (1.2 + wobble(i, salt + 2)))),
    },
    connections: null,
    valid: Uint8Array.from({ length: grid.steps }, (_, i) => (i === 35 ? 0 : 1)),
    flags: failing > 0 ? { UC: 120 } : {},
  };
}

const bandOf = (low: number, high: number): SignalBand => ({
  fromMs: grid.startMs,
  pieceMs: 5 * MINUTE_MS,
  low: Array.from({ length: 6 }, (_, i) => Math.max(0, low * (1 + 0.1 * wobble(i, 5)))),
  high: Array.from({ length: 6 }, (_, i) => high * (1 + 0.1 * wobble(i, 6))),
});

const BANDS: readonly ServiceBands[] = ["go-app/go-app", "go-app/repeater"].map((service) => ({
  service,
  days: 7,
  failures: bandOf(0, 0.004),
  rate: bandOf(17, 22.5),
  latency: [50, 100, 250].map((boundMs, row) => ({ boundMs, ...bandOf(0.02 / (row + 1), 0.12 / (row + 1)) })),
}));

const none = (): Float64Array => new Float64Array(grid.steps);

export const OBSERVATION: Observation = {
  grid,
  services: [
    countsOf("go-app/go-app", 0.5, 1),
    countsOf("go-app/repeater", 0.5, 2),
    {
      service: "go-app/go-app-db",
      reporter: "source",
      requests: none(),
      failures: none(),
      latency: null,
      connections: { opened: none(), closed: none(), failed: none() },
      valid: new Uint8Array(grid.steps).fill(1),
      flags: {},
    },
    countsOf("go-app/mailer", 0, 3),
  ],
  sourceRequests: 9,
  notes: [],
};

export const STATUS: WebStatus = {
  cluster: "prod-eu",
  version: "0.1.0",
  mode: "inject",
  policies: [
    { name: "go-app-pods", mode: "inject" },
    { name: "shop-pods", mode: "sham" },
  ],
  halt: { kind: "none" },
  blind: null,
  timezone: "Europe/Berlin",
  nowMs: NOW_MS,
};

const running: ExperimentState = replay([
  { kind: "planned", plan: experimentPlan({ id: idOf(NOW_MS - MINUTE_MS), slotMs: NOW_MS - MINUTE_MS }) },
  { kind: "refused", gate: "open-damage", why: `${OPEN_ID} has not recovered: go-app/go-app, go-app/repeater` },
]);

/** Newest first. */
export const EXPERIMENTS: readonly ExperimentState[] = [
  running,
  replay(OPEN_EVENTS),
  ...[...WEEK_EXPERIMENTS].reverse(),
];

const CALLS = serviceCalls(STORY_EDGES, storyCluster());
const RISKS = findRisks(shippedRiskRules(), storyCluster(), STORY_EDGES);

export function webData(changes: Partial<WebData> = {}): WebData {
  const all = EXPERIMENTS.filter((state) => state.plan !== null);
  const input = { ...WEEK_INPUT, nowMs: NOW_MS, experiments: all };
  const lastWeek = weeklyReport({ ...input, week: weekPlus(WEEK, -1), experiments: WEEK_EXPERIMENTS.slice(0, 2) });
  const report = weeklyReport({ ...input, previous: lastWeek });
  const findings = findingsOf(input);
  const tests = all.map(listed).map((line) => (line.kind === "sham" ? { ...line, fault: null } : line));
  return {
    status: async () => STATUS,
    lines: async () => all.map(listed),
    states: async (ids) => ids.flatMap((id) => all.find(({ plan }) => plan?.id === id) ?? []),
    experiment: async (id) => {
      const state = EXPERIMENTS.find(({ plan }) => plan?.id === id);
      if (state === undefined) return Object.values(KINDS).find((one) => one.state.plan?.id === id) ?? null;
      const open = id === OPEN_ID;
      const entries = open
        ? entriesOf(OPEN_EVENTS, T_OPEN)
        : entriesOf([{ kind: "planned", plan: state.plan ?? experimentPlan() }], T_DATABASE);
      return {
        state,
        entries,
        observation: open ? OBSERVATION : null,
        bands: open ? BANDS : [],
        calls: open ? CALLS : [],
      };
    },
    findings: async () => findings,
    calls: async () => ({ calls: CALLS, unread: null }),
    risks: async () => ({ risks: settleRisks(RISKS, tests, findings), unread: null }),
    report: async (week) => (week === report.week.id ? report : week === lastWeek.week.id ? lastWeek : null),
    weeks: async () => [report.week.id, lastWeek.week.id],
    nextSlots: async (limit) =>
      [1, 3, 19, 22]
        .map((hours, i) => ({
          atMs: NOW_MS + hours * HOUR_MS,
          policy: i === 2 ? "shop-pods" : "go-app-pods",
          sham: i === 1,
        }))
        .slice(0, limit),
    whyNotAlive: async () => null,
    whyNotReady: async () => null,
    metrics: async () => "# TYPE aftershock_open_damage gauge\naftershock_open_damage 2\n",
    ...changes,
  };
}
