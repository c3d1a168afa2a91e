import { AftershockError, describeError } from "../../../core/model/error.ts";
import type { ExperimentId } from "../../../core/model/experiment.ts";
import { FAULT_KINDS, type FaultKind } from "../../../core/model/fault.ts";
import { MINUTE_MS, SECOND_MS } from "../../../core/model/units.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { FaultInjector, InjectionOrder, InjectionResult } from "../../../ports/faults.ts";
import type { Log } from "../../../ports/log.ts";
import type { KubernetesClient } from "../client/client.ts";
import type { EventRecorder } from "../events/events.ts";
import { isCertainNo } from "./deletion.ts";
import type { FaultHandler, Standing } from "./handler.ts";
import { httpFault } from "./http/http-fault.ts";
import { describeMarks, type MarkedOrder, madeBy } from "./marks.ts";
import { nodeDrain } from "./node-drain.ts";
import { podDelete } from "./pod-delete.ts";
import { podEvict } from "./pod-evict.ts";
import { podKill } from "./pod-kill.ts";
import { zoneOutage } from "./zone-outage.ts";

export interface InjectorOptions {
  /**
   * Written on every fault that stands. Absent: nothing is, and what carries a name is somebody
   * else's.
   */
  readonly installation?: string;
  /**
   * Kinds that the configuration has now: `sweep` looks for nothing else, which its rights would
   * not allow.
   */
  readonly kinds?: () => readonly FaultKind[];
  /**
   * Namespaces in which `sweep` looks for faults that live in a namespace, asked for at each sweep:
   * a reload may change them.
   */
  readonly namespaces?: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Leaves a trace on the workload that was hit. */
  readonly events?: EventRecorder;
}

/** An event that takes longer is given up, ms; no experiment waits for it. */
const EVENT_TIMEOUT_MS = 5 * SECOND_MS;
/**
 * A fault of another installation is taken back this long after its expiry, ms: nobody of that one
 * is there to do it, whatever our clocks say.
 */
const ABANDONED_AFTER_MS = 10 * MINUTE_MS;

/**
 * Does faults through the Kubernetes API. What must be undone carries its expiry in the cluster,
 * where any replica's `sweep` finds it.
 */
export function kubernetesInjector(
  client: KubernetesClient,
  clock: Clock,
  log: Log,
  { installation, kinds = () => FAULT_KINDS, namespaces = async () => [], events }: InjectorOptions = {},
): FaultInjector {
  const mine = installation ?? null;
  const marked = (order: InjectionOrder): MarkedOrder => ({ ...order, installation: mine });
  const others = new Set<string>();
  const handlers = handlersOf(client, clock, log, namespaces);
  const handlerOf = ({ fault }: InjectionOrder): FaultHandler => {
    const handler = handlers.find((one) => one.kinds.includes(fault.kind));
    if (handler === undefined) throw new AftershockError("usage", `no fault of kind ${fault.kind}`);
    return handler;
  };
  return {
    async inject(order, signal) {
      const result = await injectOrRefuse(handlerOf(order), marked(order), signal);
      log.info("fault ordered", { experimentId: order.experimentId, fault: order.fault.kind, result });
      if (result.kind === "injected")
        void events?.injected(order, clock.nowMs(), AbortSignal.timeout(EVENT_TIMEOUT_MS));
      return result;
    },
    undo: async (order, signal, note) => handlerOf(order).undo(marked(order), signal, note),
    async wasDone(order, signal) {
      try {
        return await handlerOf(order).wasDone(marked(order), signal);
      } catch (cause) {
        if (signal.aborted) throw cause;
        log.warn("cannot tell whether the fault was done", {
          experimentId: order.experimentId,
          why: describeError(cause),
        });
        return "cannot-tell";
      }
    },
    async sweep(nowMs, alive, signal, left = () => undefined) {
      const configured = kinds();
      const wanted = handlers.filter((one) => one.kinds.some((kind) => configured.includes(kind)));
      const undone: string[] = [];
      const { found, unseen } = await allStanding(wanted, log, signal);
      for (const kind of unseen) left(`faults of kind ${kind} could not be looked for`);
      for (const one of found) {
        const ours = madeBy(one, mine);
        if (!ours) tellOnce(others, one, log);
        const why = ours ? whyOver(one, nowMs, alive) : whyAbandoned(one, nowMs);
        if (why === null) continue;
        if (await undoOne(one, log, signal)) undone.push(`${one.what} undone: ${why}`);
        else left(`${one.what} could not be taken back (${why})`);
      }
      return undone;
    },
  };
}

/**
 * Takes back every fault that carries our marks, of whatever installation; answers what was undone,
 * and what is left or could not be looked for.
 */
export async function undoEverything(
  client: KubernetesClient,
  clock: Clock,
  log: Log,
  { kinds = () => FAULT_KINDS, namespaces = async () => [] }: Pick<InjectorOptions, "kinds" | "namespaces">,
  signal: AbortSignal,
): Promise<{ readonly undone: readonly string[]; readonly left: readonly string[] }> {
  const configured = kinds();
  const wanted = handlersOf(client, clock, log, namespaces).filter((one) =>
    one.kinds.some((kind) => configured.includes(kind)),
  );
  const { found, unseen } = await allStanding(wanted, log, signal);
  const undone: string[] = [];
  const left = unseen.map((kind) => `faults of kind ${kind} could not be looked for`);
  for (const one of found)
    ((await undoOne(one, log, signal)) ? undone : left).push(`${one.what}, of ${describeMarks(one)}`);
  return { undone, left };
}

const handlersOf = (
  client: KubernetesClient,
  clock: Clock,
  log: Log,
  namespaces: (signal: AbortSignal) => Promise<readonly string[]>,
): readonly FaultHandler[] => [
  podDelete(client),
  podEvict(client),
  podKill(client),
  nodeDrain(client, clock),
  zoneOutage(client),
  httpFault(client, namespaces, log),
];

/**
 * A refusal may come at any step of a fault that stands; what an earlier step did is taken back.
 */
async function injectOrRefuse(
  handler: FaultHandler,
  order: MarkedOrder,
  signal: AbortSignal,
): Promise<InjectionResult> {
  try {
    return await handler.inject(order, signal);
  } catch (cause) {
    if (!isCertainNo(cause)) throw cause;
    await handler.undo(order, signal).catch((again: unknown) => {
      if (!isCertainNo(again)) throw again;
    });
    return { kind: "not-injected", why: describeError(cause) };
  }
}

/** A kind that cannot be looked at now does not keep the others from being swept. */
async function allStanding(
  handlers: readonly FaultHandler[],
  log: Log,
  signal: AbortSignal,
): Promise<{ readonly found: readonly Standing[]; readonly unseen: readonly FaultKind[] }> {
  const found = new Map<string, Standing>();
  const unseen: FaultKind[] = [];
  for (const { kinds, standing } of handlers) {
    if (standing === undefined) continue;
    try {
      for (const one of await standing(signal)) found.set(one.what, one); // drains and zone outages both see cordons
    } catch (cause) {
      if (signal.aborted) throw cause;
      unseen.push(...kinds);
      log.error("cannot look for faults left behind", { kinds, why: describeError(cause) });
    }
  }
  return { found: [...found.values()], unseen };
}

function whyOver(one: Standing, nowMs: number, alive: (id: ExperimentId) => boolean): string | null {
  if (one.expiresMs <= nowMs) return `it expired at ${new Date(one.expiresMs).toISOString()}`;
  return alive(one.experimentId) ? null : `experiment ${one.experimentId} is over`;
}

/**
 * Only its own journal knows whether another installation's experiment is over; but what stands
 * this long after its end is nobody's any more.
 */
function whyAbandoned(one: Standing, nowMs: number): string | null {
  if (one.expiresMs + ABANDONED_AFTER_MS > nowMs) return null;
  return `${describeMarks(one)} left it behind: it expired at ${new Date(one.expiresMs).toISOString()}`;
}

/**
 * Two installations do not see each other's budgets and damage: somebody should know that there are
 * two.
 */
function tellOnce(told: Set<string>, one: Standing, log: Log): void {
  const who = one.installation ?? "";
  if (told.has(who)) return;
  told.add(who);
  log.warn("another installation does faults in this cluster", { installation: who, what: one.what });
}

async function undoOne(one: Standing, log: Log, signal: AbortSignal): Promise<boolean> {
  try {
    await one.undo(signal);
    return true;
  } catch (cause) {
    if (signal.aborted) throw cause;
    log.error("fault left behind not undone", { what: one.what, why: describeError(cause) });
    return false;
  }
}
