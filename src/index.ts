/** What other programs may build on: the judge and its words, without any input or output. */
export { type JudgeInput, judge, looksRecovered } from "./core/judge/judge.ts";
export type { CallEdge, ClusterSnapshot, ServiceId } from "./core/model/cluster.ts";
export type { Finding } from "./core/model/finding.ts";
export type { Geometry, MinimumEffect } from "./core/model/policy.ts";
export type { Grid, LatencyCounts, Observation, ServiceCounts } from "./core/model/series.ts";
export type { Effect, Judgement, Signal, SignalVerdict, Verdict, VerdictKind } from "./core/model/verdict.ts";
