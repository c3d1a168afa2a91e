import { AftershockError } from "../../core/model/error.ts";
import type { Fault } from "../../core/model/fault.ts";
import type { Clock } from "../../ports/clock.ts";
import type { FaultInjector, InjectionOrder } from "../../ports/faults.ts";
import type { Log } from "../../ports/log.ts";
import type { KubernetesClient } from "./client.ts";
import type { FaultHandler } from "./fault.ts";
import { podDelete } from "./pod-delete.ts";
import { podEvict } from "./pod-evict.ts";
import { podKill } from "./pod-kill.ts";

/** Does faults through the Kubernetes API. What must be undone carries its expiry in the cluster and is found again by `sweep`. */
export function kubernetesInjector(client: KubernetesClient, _clock: Clock, log: Log): FaultInjector {
  const handlers = [podDelete(client), podEvict(client), podKill(client)];
  const handlerOf = (order: InjectionOrder) => find(handlers, order.fault.kind);
  return {
    async inject(order, signal) {
      const result = await handlerOf(order).inject(order, signal);
      log.info("fault ordered", { experimentId: order.experimentId, fault: order.fault.kind, ...result });
      return result;
    },
    undo: async (order, signal) => handlerOf(order).undo(order, signal),
    wasDone: async (order, signal) => handlerOf(order).wasDone(order, signal),
    async sweep(_nowMs, _alive, _signal) {
      const undone: string[] = [];
      return undone;
    },
  };
}

function find(handlers: readonly FaultHandler[], kind: Fault["kind"]): FaultHandler {
  const handler = handlers.find((one) => one.kinds.includes(kind));
  if (handler === undefined) throw new AftershockError("usage", `no fault of kind ${kind}`);
  return handler;
}
