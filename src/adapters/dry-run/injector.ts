import type { FaultInjector } from "../../ports/faults.ts";
import type { Log } from "../../ports/log.ts";

/** Says what would be done, and does nothing. */
export function dryRunInjector(log: Log): FaultInjector {
  return {
    async inject({ experimentId, fault, target }) {
      log.info("dry run: fault not injected", { experimentId, fault, target });
      return { kind: "not-injected", why: "dry run" };
    },
    async undo() {},
    async wasDone() {
      return "not-done";
    },
    async sweep() {
      return [];
    },
  };
}
