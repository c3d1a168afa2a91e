import { advance } from "../../app/experiment/advance.ts";
import { planExperiment, planOf } from "../../app/experiment/plan.ts";
import { followHalt } from "../../app/policies/follow-halt.ts";
import { readPolicies } from "../../app/policies/follow-policies.ts";
import { AftershockError } from "../../core/model/error.ts";
import type { ExperimentState, Phase } from "../../core/model/experiment.ts";
import type { FaultKind } from "../../core/model/fault.ts";
import type { Policy } from "../../core/model/policy.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import { seedOf } from "../../core/random.ts";
import { type Slot, slotId } from "../../core/schedule/slots.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import { EXIT, type Io } from "../io.ts";
import { progressLines } from "../print/progress.ts";
import { experimentResult } from "../print/results.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { notFollowed } from "../setup/settings.ts";
import { LEASE_DURATION_MS, type Wired, wire } from "../wire.ts";

interface RunOptions extends ConfiguredOptions {
  readonly policy: string;
  readonly target?: string;
  readonly fault?: string;
  readonly seed?: number;
  readonly sham?: boolean;
  readonly dryRun?: boolean;
  readonly refusedOk?: boolean;
}

/** Phases in which the experiment has told everything that `run` waits for; damage may stay open. */
const TOLD: readonly Phase[] = ["damaged", "recovered", "provisional", "done", "refused", "missed", "not-injected"];

const LEASE_POLL_MS = 2 * SECOND_MS;

/** One experiment now, from the choice of the target to the message; the exit code is the headline (design.md §6). */
export async function run(options: RunOptions, io: Io): Promise<number> {
  let mine = "";
  const said = new Set<string>();
  const say = options.json ? io.err : io.out;
  await using wired = await wire(options, io, {
    dryRun: options.dryRun ?? false,
    tell: (id, event, state) => {
      for (const line of progressLines(event, state)) {
        said.add(line);
        say(`${id === mine ? "" : `${id}: `}${line}\n`);
      }
    },
    narrow: (plan, policy, settings) =>
      plan.id === mine ? narrowed(policy, options, settings.protectedNamespaces) : policy,
  });
  await readPolicies(wired.deps, wired.config.teams, io.signal);
  await followUp(wired, io.signal);
  await awaitLease(wired, io.signal);

  const policy = policyNamed(wired, options.policy);
  const slot = slotNow(wired, policy, options);
  mine = slot.id;
  await planExperiment(wired.deps, planOf(slot, wired.deps.settings(), true));
  const state = await finish(wired, mine, io.signal);
  // a worker on the same storage may have judged and diagnosed it: then this process has not said so yet
  for (const line of outcomeLines(state).filter((one) => !said.has(one))) say(`${line}\n`);
  const requests = {
    kubernetes: wired.client.calls().reduce((sum, call) => sum + call.count, 0),
    prometheus: state.judgement?.sourceRequests ?? 0,
  };
  if (options.json) io.out(`${JSON.stringify({ experiments: [experimentResult(state)], requests }, null, 2)}\n`);
  else
    io.out(
      `${requests.kubernetes} requests to the API server, ${requests.prometheus} to the metrics source for the verdict\n`,
    );
  return exitCodeOf(state, options.refusedOk ?? false);
}

const outcomeLines = (state: ExperimentState): readonly string[] =>
  state.judgement === null
    ? []
    : [
        ...progressLines({ kind: "judged", judgement: state.judgement, provisional: state.provisional }, state),
        ...progressLines({ kind: "diagnosed", findings: state.findings }, state),
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

/** Only the asked-for target and fault of what the policy allows anyway. */
function narrowed(policy: Policy, { target, fault }: RunOptions, protectedNamespaces: readonly string[]): Policy {
  const [namespace, name] = target?.split("/") ?? [];
  return {
    ...policy,
    target: {
      ...policy.target,
      namespaces: namespace === undefined ? policy.target.namespaces : only(namespace, policy, protectedNamespaces),
      names: name === undefined ? policy.target.names : [name],
    },
    faults:
      fault === undefined ? policy.faults : policy.faults.filter((one) => one.fault.kind === (fault as FaultKind)),
  };
}

/** `namespace`, if the policy reaches it; a protected one only by its full name, never by a pattern. */
function only(namespace: string, { target }: Policy, protectedNamespaces: readonly string[]): readonly string[] {
  if (target.namespaces.includes(namespace)) return [namespace];
  const shielded = protectedNamespaces.some((pattern) => matchesPattern(pattern, namespace));
  return !shielded && target.namespaces.some((pattern) => matchesPattern(pattern, namespace)) ? [namespace] : [];
}

function slotNow(wired: Wired, policy: Policy, options: RunOptions): Slot {
  if (options.target !== undefined && !/^[^/]+\/[^/]+$/.test(options.target)) {
    throw new AftershockError("usage", `--target ${options.target}: namespace/name was expected`);
  }
  if (options.fault !== undefined && !policy.faults.some((one) => one.fault.kind === options.fault)) {
    throw new AftershockError(
      "usage",
      `--fault ${options.fault}: policy ${policy.name} has ${policy.faults.map((one) => one.fault.kind).join(", ")}`,
    );
  }
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

/** What earlier runs left open and is due now: their damage may be over. */
export async function followUp({ deps }: Wired, signal: AbortSignal): Promise<void> {
  for (const state of await deps.book.open()) {
    if (state.plan !== null) await advance(deps, state.plan.id, signal);
  }
}

/**
 * A run that died may have left the lease held: whoever comes next must see its silence for itself, as clocks differ. When somebody else is
 * alive the lease gate says so.
 */
async function awaitLease({ deps }: Wired, signal: AbortSignal): Promise<void> {
  const untilMs = deps.clock.nowMs() + LEASE_DURATION_MS + LEASE_POLL_MS;
  while (deps.clock.nowMs() < untilMs) {
    const held = await deps.lease.hold(signal).catch(() => "cannot tell" as const);
    if (held !== null) return;
    await deps.clock.sleep(LEASE_POLL_MS, signal);
  }
}

/** Goes on until everything is told; a halt meanwhile undoes what stands. */
async function finish({ deps }: Wired, id: string, signal: AbortSignal): Promise<ExperimentState> {
  const told = new AbortController();
  const halts = followHalt(deps, AbortSignal.any([signal, told.signal]));
  try {
    for (;;) {
      const untilMs = await advance(deps, id, signal);
      const state = await deps.book.experiment(id);
      if (untilMs === null || TOLD.includes(state.phase)) return state;
      await deps.clock.sleep(Math.max(0, untilMs - deps.clock.nowMs()), signal);
    }
  } finally {
    told.abort();
    await halts;
  }
}

function exitCodeOf(state: ExperimentState, refusedOk: boolean): number {
  if (state.phase === "refused") return refusedOk ? EXIT.ok : EXIT.refused;
  switch (state.judgement?.headline) {
    case "steady":
    case "transient":
      return EXIT.ok;
    case "slow-recovery":
    case "persistent":
    case "unresolved":
      return EXIT.degraded;
    case "inconclusive":
      return EXIT.inconclusive;
    case undefined:
      return EXIT.failed;
  }
}
