import { advance } from "../../app/experiment/advance.ts";
import { planExperiment, planOf } from "../../app/experiment/plan.ts";
import { waitOrCancelled } from "../../app/experiment/wait-or-cancelled.ts";
import { endingFaults } from "../../app/inject/end-overdue.ts";
import { restoreLost } from "../../app/inject/restore-intent.ts";
import { followHalt } from "../../app/policies/follow-halt.ts";
import { readPolicies } from "../../app/policies/follow-policies.ts";
import { abandon } from "../../app/worker/abandon.ts";
import { leftBehind, takeOver } from "../../app/worker/take-over.ts";
import { overdueSince } from "../../core/experiment/next.ts";
import { AftershockError, describeError } from "../../core/model/error.ts";
import type { ExperimentState, Phase } from "../../core/model/experiment.ts";
import { outcomeOfVerdict } from "../../core/model/outcome.ts";
import type { Policy } from "../../core/model/policy.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import { seedOf } from "../../core/random.ts";
import { type Slot, slotId } from "../../core/schedule/slots.ts";
import { type Only, whyNotReached } from "../../core/targeting/narrow.ts";
import { progressLines } from "../../core/text/event.ts";
import { EXIT, exitOf, type Io } from "../io.ts";
import { LEASE_DURATION_MS } from "../open-cluster.ts";
import { sayLeft, sayWaiting, unknownDamage, unlessLeft } from "../print/left.ts";
import { experimentResult } from "../print/results.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { notFollowed } from "../setup/settings.ts";
import { type Wired, wire } from "../wire.ts";

interface RunOptions extends ConfiguredOptions {
  readonly policy: string;
  readonly target?: string;
  readonly fault?: string;
  readonly seed?: number;
  readonly sham?: boolean;
  readonly dryRun?: boolean;
  readonly refusedOk?: boolean;
}

/**
 * Phases in which the experiment has told everything that `run` waits for; damage may stay open.
 */
const TOLD: readonly Phase[] = ["damaged", "recovered", "provisional", "done", "refused", "missed", "not-injected"];

const LEASE_POLL_MS = 2 * SECOND_MS;
/** A verdict that is later than this is left to `aftershock follow-up`: its damage is unknown. */
const JUDGED_WITHIN_MS = 10 * MINUTE_MS;
/**
 * Kubernetes kills 30 s after SIGTERM unless told otherwise; an intent is looked up 20 s after it
 * was found. Real ms.
 */
const ABANDON_TIMEOUT_MS = 26 * SECOND_MS;

/**
 * One experiment now, from the choice of the target to the message; the exit code is the outcome.
 */
export async function run(options: RunOptions, io: Io): Promise<number> {
  let mine = "";
  let last: ExperimentState | null = null;
  const said = new Set<string>();
  const say = options.json ? io.err : io.out;
  await using wired = await wire(options, io, {
    dryRun: options.dryRun ?? false,
    tell: (id, event, state) => {
      if (id === mine) last = state;
      for (const line of progressLines(event, state, wired.deps.settings().timezone)) {
        said.add(line);
        say(`${id === mine ? "" : `${id}: `}${line}\n`);
      }
    },
  });
  const { deps } = wired;
  await readPolicies(deps, wired.config.teams, io.signal);
  onlyOf(options, policyNamed(wired, options.policy), deps.settings().protectedNamespaces);
  // a dry run touches nothing, hence takes nothing over
  const waiting = sayWaiting(deps.settings().timezone, say);
  if (!options.dryRun) await endingFaults(deps, () => takeOver(deps, waiting, io.signal));
  await awaitLease(wired, io.signal);

  mine = await planNow(wired, options, io.signal);
  const state = await endingFaults(deps, () => finish(wired, mine, io.signal)).catch(async (cause: unknown) => {
    const why = { why: `its run ended: ${describeError(cause)}`, by: "aftershock run" };
    if (last !== null) await abandon(deps, mine, last, why, AbortSignal.timeout(ABANDON_TIMEOUT_MS));
    throw cause;
  });
  // a worker on the same storage may have judged and diagnosed it: then this process has not said
  // so yet
  for (const line of outcomeLines(state, deps.settings().timezone).filter((one) => !said.has(one))) say(`${line}\n`);
  const left = await leftBehind(deps, io.signal);
  sayLeft(left, io);
  for (const line of unknownDamage([state], deps.clock.nowMs(), deps.settings().timezone)) io.err(`${line}\n`);
  const requests = {
    kubernetes: wired.client.calls().reduce((sum, call) => sum + call.count, 0),
    prometheus: state.judgement?.sourceRequests ?? 0,
  };
  if (options.json) io.out(`${JSON.stringify({ experiments: [experimentResult(state)], requests, left }, null, 2)}\n`);
  else
    io.out(
      `${requests.kubernetes} requests to the API server, ${requests.prometheus} to the metrics source for the verdict\n`,
    );
  return unlessLeft(exitCodeOf(state, options.refusedOk ?? false), left);
}

const outcomeLines = (state: ExperimentState, timezone: string): readonly string[] =>
  state.judgement === null
    ? []
    : [
        ...progressLines(
          { kind: "judged", judgement: state.judgement, provisional: state.provisional },
          state,
          timezone,
        ),
        ...progressLines({ kind: "diagnosed", findings: state.findings }, state, timezone),
      ];

function policyNamed(wired: Wired, name: string): Policy {
  const { policies } = wired.deps.settings();
  const policy = policies.find((one) => one.name === name);
  if (policy !== undefined) return policy;
  const broken = notFollowed(wired.deps.teams.now()).find((one) => one.policy === name);
  if (broken !== undefined) throw new AftershockError("usage", `policy ${name} is not followed: ${broken.why}`);
  throw new AftershockError("usage", `the configuration has no policy "${name}"`, {
    hint: `it has ${policies.map((one) => one.name).join(", ") || "none"}`,
  });
}

/**
 * What was asked for of the policy. @throws AftershockError `usage` when the policy does not have
 * it
 */
function onlyOf(
  { target, fault }: RunOptions,
  policy: Policy,
  protectedNamespaces: readonly string[],
): Only | undefined {
  if (target === undefined && fault === undefined) return undefined;
  const [namespace = "", name = "", ...rest] = target?.split("/") ?? [];
  if (target !== undefined && (namespace === "" || name === "" || rest.length > 0))
    throw new AftershockError("usage", `--target ${target}: namespace/name was expected`);
  const workload = target === undefined ? undefined : { namespace, name };
  const why = workload === undefined ? null : whyNotReached(policy, workload, protectedNamespaces);
  if (why !== null)
    throw new AftershockError("usage", `--target ${target}: ${why}`, {
      hint: "--target only narrows what the policy selects; `aftershock why-not` shows that",
    });
  const kinds = policy.faults.map((one) => one.fault.kind);
  const kind = kinds.find((one) => one === fault);
  if (fault !== undefined && kind === undefined)
    throw new AftershockError("usage", `--fault ${fault}: policy ${policy.name} has ${kinds.join(", ")}`);
  return { ...(workload === undefined ? {} : { workload }), ...(kind === undefined ? {} : { fault: kind }) };
}

/** Plans one experiment for this second, or the next one that nobody took; answers its id. */
async function planNow(wired: Wired, options: RunOptions, signal: AbortSignal): Promise<string> {
  const { deps } = wired;
  for (;;) {
    const policy = policyNamed(wired, options.policy);
    const only = onlyOf(options, policy, deps.settings().protectedNamespaces);
    const slot = slotNow(wired, policy, options);
    if (await planExperiment(deps, planOf(slot, deps.settings(), true, only))) return slot.id;
    await deps.clock.sleep(SECOND_MS, signal);
  }
}

function slotNow(wired: Wired, policy: Policy, options: RunOptions): Slot {
  const slotMs = Math.floor(wired.deps.clock.nowMs() / 1000) * 1000;
  const id = slotId(policy.name, slotMs);
  return {
    id,
    policy: policy.name,
    slotMs,
    seed: options.seed ?? seedOf(`${wired.deps.settings().seed}/${id}`),
    sham: options.sham === true || policy.mode === "sham",
    candidates: { fromMs: slotMs, toMs: slotMs + MINUTE_MS, count: 1 },
  };
}

/**
 * A run that died may have left the lease held: whoever comes next must see its silence for itself,
 * as clocks differ. When somebody else is alive the lease gate says so.
 */
async function awaitLease({ deps }: Wired, signal: AbortSignal): Promise<void> {
  const untilMs = deps.clock.nowMs() + LEASE_DURATION_MS + LEASE_POLL_MS;
  while (deps.clock.nowMs() < untilMs) {
    const held = await deps.lease.hold(signal).catch(() => "cannot tell" as const);
    if (held !== null) return;
    await deps.clock.sleep(LEASE_POLL_MS, signal);
  }
}

/** Goes on until everything is told; a halt meanwhile undoes active faults. */
async function finish({ deps }: Wired, id: string, signal: AbortSignal): Promise<ExperimentState> {
  const told = new AbortController();
  const halts = followHalt(deps, AbortSignal.any([signal, told.signal]));
  try {
    for (;;) {
      const untilMs = await advance(deps, id, signal);
      const state = await deps.book.experiment(id);
      // the storage went back in time
      if (state.phase === "new" && (await restoreLost(deps, signal))) continue;
      if (untilMs === null || TOLD.includes(state.phase) || isUnknown(state, deps.clock.nowMs())) return state;
      await waitOrCancelled(deps, id, untilMs, signal);
    }
  } finally {
    told.abort();
    await halts;
  }
}

/** Whether its verdict is so late that somebody else may wait for it. */
const isUnknown = (state: ExperimentState, nowMs: number): boolean =>
  overdueSince(state, nowMs - JUDGED_WITHIN_MS) !== null;

function exitCodeOf(state: ExperimentState, refusedOk: boolean): number {
  if (state.phase === "cleared") return EXIT.unknown;
  if (state.phase === "refused") return refusedOk ? EXIT.ok : EXIT.refused;
  if (state.judgement === null || state.cancelled) return EXIT.failed;
  return exitOf(outcomeOfVerdict(state.judgement.headline));
}
