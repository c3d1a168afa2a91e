import { describeError } from "../../core/model/error.ts";

/** A check before an injection. */
export interface Gate {
  readonly name: string;
  /**
   * Why nothing may be injected now, or null. A rejection counts as closed: a gate that cannot
   * answer does not let through.
   */
  whyClosed(signal: AbortSignal): Promise<string | null>;
}

export interface Closed {
  readonly gate: string;
  readonly why: string;
}

async function ask(gate: Gate, signal: AbortSignal): Promise<Closed | null> {
  try {
    const why = await gate.whyClosed(signal);
    return why === null ? null : { gate: gate.name, why };
  } catch (cause) {
    return { gate: gate.name, why: `cannot tell: ${describeError(cause)}` };
  }
}

/** The first closed gate in order, or null when all are open. Gates after it are not asked. */
export async function firstClosed(gates: readonly Gate[], signal: AbortSignal): Promise<Closed | null> {
  for (const gate of gates) {
    const closed = await ask(gate, signal);
    if (closed !== null) return closed;
  }
  return null;
}

/** The same, with all asked at once: for those that take their time and do not wait for another. */
export async function firstClosedOfAll(gates: readonly Gate[], signal: AbortSignal): Promise<Closed | null> {
  return (await allClosed(gates, signal))[0] ?? null;
}

/** Every closed gate, for `explain`. */
export async function allClosed(gates: readonly Gate[], signal: AbortSignal): Promise<readonly Closed[]> {
  const answers = await Promise.all(gates.map((gate) => ask(gate, signal)));
  return answers.filter((answer) => answer !== null);
}
