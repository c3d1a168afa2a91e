import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainLog } from "../../adapters/log/plain.ts";
import { slackPreview } from "../../adapters/slack/console.ts";
import { judgeThread } from "../../adapters/system/judge/runner.ts";
import { waitingClock } from "../../adapters/system/waiting-clock.ts";
import { weeklyOf } from "../../app/notify/send-report.ts";
import { work } from "../../app/worker/work.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { renderText, weeklyNotice } from "../../core/report/weekly.ts";
import { progressLines } from "../../core/text/event.ts";
import { wrap } from "../../core/text/wrap.ts";
import { demoConfig } from "../demo/config.ts";
import { type Director, director } from "../demo/director.ts";
import { pacedQueue } from "../demo/paced-queue.ts";
import { startSandbox } from "../demo/sandbox.ts";
import { EXIT, type Io } from "../io.ts";
import { measuring } from "../own-metrics/measured.ts";
import { ownMetrics } from "../own-metrics/own-metrics.ts";
import { experimentResult } from "../print/results.ts";
import { version } from "../version.ts";
import { startWeb } from "../web/web.ts";
import { wire } from "../wire.ts";

export interface DemoOptions {
  readonly exit?: boolean;
  readonly speed: number;
  readonly seed: number;
  readonly story: string;
  readonly port: number;
  /** File for the results. */
  readonly json?: string;
}

/**
 * When the demo's day begins: a Friday morning, so that every seed tells the same story on every
 * machine.
 */
const DEMO_BEGINS_MS = Date.parse("2026-03-06T08:55:00Z");
/** Columns of a terminal, and of who speaks. */
const WIDTH = 80;
const WHO_WIDTH = 12;
const STOP_TIMEOUT_MS = 5 * SECOND_MS;

/**
 * The whole story in about a minute: the real worker, its clock quickened, against a small
 * simulated cluster.
 */
export async function demo(options: DemoOptions, io: Io): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "aftershock-demo-"));
  const stop = new AbortController();
  const signal = AbortSignal.any([io.signal, stop.signal]);
  try {
    return await tell(options, io, folder, stop, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tell(
  options: DemoOptions,
  io: Io,
  folder: string,
  stop: AbortController,
  signal: AbortSignal,
): Promise<number> {
  const scale = { speed: options.speed, simOriginMs: DEMO_BEGINS_MS };
  const clock = waitingClock(scale);
  const width = WIDTH;
  const tellPerson = (text: string) => io.out(`${wrap(text, width, "").join("\n")}\n`);
  tellPerson(
    `A small simulated cluster with a mesh starts: story "${options.story}", seed ${options.seed}, clock up to ${options.speed} times as fast.`,
  );
  await using sandbox = await startSandbox({ ...scale, seed: options.seed, story: options.story });
  const config = join(folder, "aftershock.yaml");
  const kubeconfig = join(folder, "kubeconfig.yaml");
  await writeFile(
    config,
    demoConfig({ folder, prometheusUrl: sandbox.prometheusUrl, seed: options.seed, port: options.port }),
  );
  await writeFile(kubeconfig, sandbox.kubeconfig);

  const say = (who: string, line: string): void => {
    const head = `${timeOfDay(clock.nowMs())}  ${who.padEnd(WHO_WIDTH)}  `;
    io.out(`${wrap(line, width, head, " ".repeat(head.length)).join("\n")}\n`);
  };
  const notifier = slackPreview(io.out, width);
  let directing: Director | null = null;
  await using wired = await wire(
    { config },
    { ...io, env: { ...io.env, KUBECONFIG: kubeconfig } },
    {
      clock,
      speed: options.speed,
      passing: true,
      judge: judgeThread(),
      measuring: measuring(ownMetrics(version(), clock)),
      log: plainLog({ level: "error", write: io.err }),
      notifier,
      pace: (queue) => pacedQueue(queue, clock),
      tell: (id, event, state) => {
        for (const line of progressLines(event, state, "UTC")) say(state.plan?.policy ?? id, line);
        directing?.heard(event, state);
      },
    },
  );
  io.out("Seven days of history are read; then a working day begins.\n");
  await wired.deps.history.refresh(wired.config.observation.geometry.stepMs, signal);
  // not before: while the history is read a page would wait too long for the cluster, and call that
  // a halt
  await using web = await startWeb(wired);
  io.out(`Dashboard: ${web.address}\n`);
  const ticking = clock.run(sandbox.moveTo, signal);

  directing = director({
    clock,
    signal,
    cure: () => sandbox.restart("go-app", "go-app", clock.nowMs()),
    say: (line) => say("(a person)", line),
  });
  const working = work(wired.deps, signal);
  try {
    await Promise.race([directing.done, working]);
  } finally {
    stop.abort(new Error("the story has been told"));
    await ticking.catch(() => undefined);
    await working.catch(() => undefined);
    await wired.deps.queue.close(STOP_TIMEOUT_MS);
  }
  if (io.signal.aborted) return EXIT.failed;

  const states = await wired.deps.book.between(0, Number.MAX_SAFE_INTEGER);
  const report = await weeklyOf(wired.deps, clock.nowMs(), io.signal);
  io.out(`\n${renderText(report, width)}\n\n`);
  await notifier.send(weeklyNotice(report, null), io.signal);
  if (options.json !== undefined)
    await writeFile(
      options.json,
      `${JSON.stringify({ experiments: states.filter(began).map(experimentResult) }, null, 2)}\n`,
    );
  if (options.exit) return EXIT.ok;
  io.out(tryText({ config, kubeconfig, nowMs: clock.nowMs(), states }));
  io.out(`The dashboard stays at ${web.address} until Ctrl-C.\n`);
  await new Promise<void>((resolve) => io.signal.addEventListener("abort", () => resolve(), { once: true }));
  return EXIT.ok;
}

/** Six commands to try against the demo, at its own time. */
function tryText({
  config,
  kubeconfig,
  nowMs,
  states,
}: {
  readonly config: string;
  readonly kubeconfig: string;
  readonly nowMs: number;
  readonly states: readonly ExperimentState[];
}): string {
  const told = states.filter(({ judgement }) => judgement !== null);
  const one = told.find(({ findings }) => findings.length > 0) ?? told[0];
  const id = one?.plan?.id ?? "EXPERIMENT";
  const iso = (ms: number) => new Date(ms).toISOString().slice(0, 19);
  const fromMs = one?.t0Ms ?? nowMs;
  return [
    "Try it in another terminal:",
    `  export AFTERSHOCK_CONFIG=${config}`,
    `  export KUBECONFIG=${kubeconfig}`,
    `  export AFTERSHOCK_DEMO_NOW=${iso(nowMs)}Z`,
    `  alias aftershock='${process.execPath} ${process.argv[1] ?? "dist/aftershock.mjs"}'`,
    `  aftershock explain ${id}`,
    "  aftershock findings",
    "  aftershock report",
    "  aftershock why-not",
    "  aftershock plan --what-if",
    `  aftershock judge --from ${iso(fromMs)}Z`,
    "",
  ].join("\n");
}

const began = (state: ExperimentState): boolean => state.phase !== "planned";
const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
