import type { Outcome } from "../model/outcome.ts";
import type { VerdictKind } from "../model/verdict.ts";

/** The words of docs/glossary.md, for tooltips and the page of help. */
export const TERMS: Readonly<Record<string, string>> = {
  "abort rule": "what stops a running experiment because it does more harm than allowed",
  "active fault": "a fault that must be undone and is not undone yet",
  baseline: "what a service did in its own history, seven days at most",
  bystander: "a service that has nothing to do with the target",
  coverage: "which workloads were tested, and how recently",
  "early alert": "the first message about an experiment, before there is a verdict",
  event: "one entry of an experiment's journal; a Kubernetes Event is written in full, with a capital",
  experiment: "one run: a target, a fault or a sham, windows, a verdict",
  fault: "what is injected: pod-delete, node-drain, http-abort and so on",
  finding: "a diagnosed weakness of one workload, with evidence and advice",
  gate: "a check before injection that answers with a reason",
  halt: "the switch that stops everything",
  impact: "requests failed beyond expectation, the share that failed, and for how long",
  journal: "the append-only record of every experiment, from which every view is made again",
  "last look": "the fresh check of all gates just before the call",
  learning: "said of a verdict that less than a day of history stands behind",
  mute: "no news of a finding until a date, for a reason; ended by a regression",
  "natural failure": "a pod or node that failed without us",
  "null distribution": "what scores are like when nothing happens: those of many placebos, called nulls in the code",
  "open damage": "a service that is still worse than before an experiment",
  outcome: "of an experiment, for people: unaffected, recovered, not recovered, unknown",
  placebo: "a quiet moment of the past, scored as if something had been injected",
  policy: "what may be hit, when, how often and how hard",
  provisional: "said of a verdict that the minutes which were not drawn may still withdraw",
  risk: "a weakness seen in manifests alone, before any experiment",
  service: "namespace/name of a Kubernetes Service, as its callers see it",
  sham: "an experiment in which nothing is injected and everything else is the same",
  signal: "of a service: failures among requests, slow requests among successful ones, the request rate",
  slot: "a time at which a policy's schedule plans an experiment",
  "suspected, confirmed": "one experiment suspects; repeated ones confirm",
  "time to recover": "from the injection until the service's signals are back",
  "unknown damage":
    "an experiment whose judging failed so far, or of whose services nobody saw one at its end; it counts as open damage until it is judged or closed",
  verdict: "per service and signal: steady, transient, slow-recovery, persistent, unresolved, inconclusive",
  workload: "what owns pods: a Deployment, a StatefulSet, or another controller",
};

/** What each outcome means, for people who see the word for the first time. */
export const OUTCOME_MEANS: Readonly<Record<Outcome, string>> = {
  unaffected: "nothing got worse, and a change that matters would have been found",
  recovered: "something got worse and came back by itself",
  "not recovered": "something got worse and has not been seen to come back",
  unknown: "it could not be judged, which is no good news",
};

/** What each verdict on one signal means: docs/how-verdicts-are-made.md. */
export const VERDICT_MEANS: Readonly<Record<VerdictKind, string>> = {
  steady:
    "nothing was found, nothing changed by more than the minimum effect, and a change that matters would have been found",
  transient: "it got worse, and was back within the grace",
  "slow-recovery": "it got worse, and was back later",
  persistent: "it got worse, and is still worse in the late window",
  unresolved: "it got worse, and it cannot be told whether it came back",
  inconclusive: "nothing can be said, with the reason",
};
