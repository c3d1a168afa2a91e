import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";

/** Somebody pulled the switch. One that cannot be read is a halt. */
export const haltGate = ({ halt, freshSinceMs }: PreflightFacts): Gate => ({
  name: "halt",
  async whyClosed(signal) {
    const standing = await halt.read(signal, freshSinceMs);
    return standing === null
      ? null
      : `halted by ${standing.by} since ${new Date(standing.atMs).toISOString()}: ${standing.why}`;
  },
});
