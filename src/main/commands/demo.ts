import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainLog } from "../../adapters/log/plain.ts";
import { consoleNotifier } from "../../adapters/slack/console.ts";
import { heldClock } from "../../adapters/system/clock.ts";
import { judgeThread } from "../../adapters/system/judge/runner.ts";
import { weeklyOf } from "../../app/notify/send-report.ts";
import { work } from "../../app/worker/work.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { renderText } from "../../core/report/weekly.ts";
import { progressLines } from "../../core/text/event.ts";
import { demoConfig } from "../demo/config.ts";
import { type Director, director } from "../demo/director.ts";
import { startSandbox } from "../demo/sandbox.ts";
import { EXIT, type Io } from "../io.ts";
import { experimentResult } from "../print/results.ts";
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

/** When the demo's day begins: a Friday morning, so that every seed tells the same story on every machine. */
const DEMO_BEGINS_MS = Date.parse("2026-03-06T08:55:00Z");
const STOP_TIMEOUT_MS = 5 * SECOND_MS;

/** The whole story in about a minute: the real worker, its clock quickened, against a small simulated cluster. */
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
  const clock = heldClock(scale);
  io.out(
    `A small simulated cluster with a mesh starts: story "${options.story}", seed ${options.seed}, clock ${options.speed} times as fast.\n`,
  );
  await using sandbox = await startSandbox({ ...scale, seed: options.seed, story: options.story });
  const config = join(folder, "aftershock.yaml");
  const kubeconfig = join(folder, "kubeconfig.yaml");
  await writeFile(
    config,
    demoConfig({ folder, prometheusUrl: sandbox.prometheusUrl, seed: options.seed, port: options.port }),
  );
  await writeFile(kubeconfig, sandbox.kubeconfig);

  const say = (id: string, line: string) => io.out(`${timeOfDay(clock.nowMs())}  ${id.padEnd(32)}  ${line}\n`);
  let directing: Director | null = null;
  await using wired = await wire(
    { config },
    { ...io, env: { ...io.env, KUBECONFIG: kubeconfig } },
    {
      clock,
      speed: options.speed,
      passing: true,
      judge: judgeThread(),
      log: plainLog({ level: "error", write: io.err }),
      notifier: consoleNotifier(io.out),
      tell: (id, event, state) => {
        for (const line of progressLines(event, state, "UTC")) say(id, line);
        directing?.heard(event, state);
      },
    },
  );
  await using web = await startWeb(wired);
  io.out(`Dashboard: ${web.address}\nSeven days of history are read; then a working day begins.\n`);
  await wired.deps.history.refresh(wired.config.observation.geometry.stepMs, signal);
  sandbox.start(clock.start());

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
    await working.catch(() => undefined);
    await wired.deps.queue.close(STOP_TIMEOUT_MS);
  }
  if (io.signal.aborted) return EXIT.failed;

  const states = await wired.deps.book.between(0, Number.MAX_SAFE_INTEGER);
  io.out(`\n${renderText(await weeklyOf(wired.deps, clock.nowMs(), io.signal))}\n`);
  if (options.json !== undefined)
    await writeFile(
      options.json,
      `${JSON.stringify({ experiments: states.filter(began).map(experimentResult) }, null, 2)}\n`,
    );
  if (options.exit) return EXIT.ok;
  io.out(`The dashboard stays at ${web.address} until Ctrl-C.\n`);
  await new Promise<void>((resolve) => io.signal.addEventListener("abort", () => resolve(), { once: true }));
  return EXIT.ok;
}

const began = (state: ExperimentState): boolean => state.phase !== "planned";
const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
