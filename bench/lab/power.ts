import { setTimeout as sleep } from "node:timers/promises";
import { GIVE_UP_MS, LOOK_EVERY_MS } from "./ordered.ts";
import { aftershock, command, kubectl, startWorker } from "./program.ts";
import { type Ended, printed, type Told } from "./told.ts";
import { type Lane, type LaneDeps, targetOf } from "./turn.ts";

/** A worker lists its pods and reads its history first. */
const WORKER_LISTS_MS = 30_000;
/** On a machine with fifty processes for each core a worker took three minutes to begin. */
const UP_WITHIN_MS = 10 * 60_000;
/** Until Kubernetes calls a node silent, the worker takes it up, and windows and extension end. */
const TOLD_WITHIN_MS = 15 * 60_000;
const POLL_MS = 5_000;

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly outcome: string | null;
  readonly open: boolean;
  readonly recoveredMs: number | null;
}

/**
 * Takes the power from the node of the target's pod while a worker runs, and waits for what the
 * worker makes of it. The worker's storage must be new: it takes a workload up once an hour.
 */
export async function losePower(lane: Lane, index: number, config: string, deps: LaneDeps): Promise<Ended> {
  const { target } = targetOf(lane, index);
  const node = await nodeOf(lane.namespace, target);
  if (deps.power === null || node === null) throw new Error(`no node of ${target} can lose power`);
  const worker = startWorker(config, `${config}.log`);
  try {
    await whenUp(config);
    await sleep(WORKER_LISTS_MS);
    const startedMs = Date.now();
    await switchPower(deps.power, "kill", node);
    const replaced = whenReplaced(lane.namespace, target, node);
    const told = await whatIsTold(config, startedMs + TOLD_WITHIN_MS);
    const endedMs = Date.now();
    const causeGoneMs = await replaced;
    const open = told?.open === true ? { closedMs: await closed(config, told.id, causeGoneMs) } : null;
    const explained = told === null ? null : await aftershock(["explain", told.id, "--json", "--config", config]);
    const experiment = explained && printed<{ readonly experiment: Told }>(explained)?.experiment;
    return {
      startedMs,
      endedMs,
      exitCode: null,
      told: experiment ?? {},
      problem: experiment ? null : `the loss of ${node} was not told within ${TOLD_WITHIN_MS / 60_000} min`,
      causeGoneMs,
      open,
      experiments: (await naturals(config)).length,
      messages: deps.mailbox.about(told?.id ?? ""),
    };
  } finally {
    await switchPower(deps.power, "start", node);
    await worker.stop();
    await kubectl(["wait", "node", node, "--for=condition=Ready", "--timeout=120s"]);
  }
}

/**
 * Until the worker's journal says that it began: what is lost before is nothing that it could see.
 * @throws Error when it did not begin in time
 */
async function whenUp(config: string): Promise<void> {
  const untilMs = Date.now() + UP_WITHIN_MS;
  while (Date.now() < untilMs) {
    const { out } = await aftershock(["journal", "export", "--config", config]);
    if (out.includes('"kind":"started"')) return;
    await sleep(POLL_MS);
  }
  throw new Error(`the worker of ${config} did not begin within ${UP_WITHIN_MS / 60_000} min`);
}

/** Gives power to those of `nodes` that a campaign left without when it was ended. */
export async function restorePower(power: string, nodes: readonly string[]): Promise<void> {
  const ready = `jsonpath={.status.conditions[?(@.type=="Ready")].status}`;
  for (const node of nodes) {
    if ((await kubectl(["get", "node", node, "-o", ready])) !== "True") await switchPower(power, "start", node);
  }
}

async function switchPower(power: string, what: "kill" | "start", node: string): Promise<void> {
  const [file = "", ...args] = power.split(" ");
  const { exitCode, err } = await command(file, [...args, what, node]);
  if (exitCode !== 0) throw new Error(`${power} ${what} ${node}: ${err}`);
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly deletionTimestamp?: string };
    readonly spec: { readonly nodeName?: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** Node of the only ready pod of a workload. */
async function nodeOf(namespace: string, app: string): Promise<string | null> {
  const { items } = JSON.parse(
    await kubectl(["-n", namespace, "get", "pods", "-l", `app=${app}`, "-o", "json"]),
  ) as PodList;
  const serves = items.find(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
  return serves?.spec.nodeName ?? null;
}

/** When a pod on another node serves in its place. */
async function whenReplaced(namespace: string, app: string, lost: string): Promise<number> {
  const untilMs = Date.now() + TOLD_WITHIN_MS;
  while (Date.now() < untilMs) {
    const node = await nodeOf(namespace, app).catch(() => null);
    if (node !== null && node !== lost) break;
    await sleep(POLL_MS);
  }
  return Date.now();
}

async function naturals(config: string): Promise<readonly Listed[]> {
  const ran = await aftershock(["experiments", "--all", "--json", "--config", config]);
  const listed = printed<{ readonly experiments: readonly Listed[] }>(ran)?.experiments ?? [];
  return listed.filter(({ kind }) => kind === "natural").toReversed();
}

/** The first natural failure that has an outcome, or null. */
async function whatIsTold(config: string, untilMs: number): Promise<Listed | null> {
  while (Date.now() < untilMs) {
    await sleep(LOOK_EVERY_MS);
    const found = (await naturals(config)).find(({ outcome }) => outcome !== null);
    if (found !== undefined) return found;
  }
  return null;
}

/** The worker follows the damage; null when it is still open long after its cause is gone. */
async function closed(config: string, id: string, causeGoneMs: number): Promise<number | null> {
  while (Date.now() < causeGoneMs + GIVE_UP_MS) {
    const is = (await naturals(config)).find((one) => one.id === id);
    if (is?.open === false) return is.recoveredMs ?? Date.now();
    await sleep(LOOK_EVERY_MS);
  }
  return null;
}
