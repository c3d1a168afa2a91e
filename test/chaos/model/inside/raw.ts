/** In the place of the client's own requests: the same over the simulated network. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Outgoing } from "../../../../src/adapters/kubernetes/client/raw.ts";
import { Refusal } from "../../../../src/adapters/kubernetes/client/refusal.ts";
import { environment } from "./environment.ts";

/** The experiment for which something is done now. */
export const forExperiment = new AsyncLocalStorage<string>();

const SERVER = "http://api-server";
const AT_ONCE_MS = 2_000;
const HALF_SECOND_MS = 500;

export async function askJson(
  { method, url, body, heard }: Outgoing,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const sentMs = performance.now();
  const experiment = forExperiment.getStore() ?? null;
  const ask = { method, url: url.slice(SERVER.length), experiment, ...(body === undefined ? {} : { body }) };
  const answer = await environment.api(ask, signal);
  if (performance.now() - sentMs <= AT_ONCE_MS) heard?.(answer.dateMs + HALF_SECOND_MS);
  if (answer.status >= 300) throw new Refusal(answer.status, answer.body, {});
  return JSON.parse(answer.body) as Record<string, unknown>;
}

export async function openStream(): Promise<never> {
  throw new Refusal(403, JSON.stringify({ kind: "Status", message: "no watches here" }), {});
}
