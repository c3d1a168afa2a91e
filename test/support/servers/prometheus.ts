import { type ChildProcess, execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram, prometheusProgram } from "../requires.ts";
import { freePort, startProgram, stopProgram } from "./process.ts";

export interface PrometheusServer extends AsyncDisposable {
  readonly url: string;
  /**
   * Evaluates recording rules over a past span and keeps their series, as if the rules had been
   * there then; the server is restarted.
   */
  recordRules(path: string, fromMs: number, toMs: number): Promise<void>;
  /** Kills the server, waits for `meanwhile`, and starts it again, with its storage or without. */
  killed(meanwhile: () => void | Promise<void>, storage: "kept" | "wiped"): Promise<void>;
}

interface PrometheusSettings {
  readonly args?: readonly string[];
  readonly config?: string;
  /** Another one than tests are run against. */
  readonly program?: string | null;
}

/**
 * A real Prometheus on a free loopback port, in a folder of its own, that holds the samples of
 * `openMetrics` and scrapes nothing but what `config` tells it to.
 */
export async function startPrometheus(
  openMetrics: string,
  { args = [], config = "scrape_configs: []", program = prometheusProgram() }: PrometheusSettings = {},
): Promise<PrometheusServer> {
  const [prometheus, promtool] = [program, findProgram("promtool")];
  if (prometheus === null || promtool === null) throw new Error("prometheus is not installed");
  const folder = await mkdtemp(join(tmpdir(), "aftershock-prometheus-"));
  const data = join(folder, "data");
  const run = promisify(execFile);
  await writeFile(join(folder, "samples.txt"), openMetrics);
  await writeFile(join(folder, "prometheus.yml"), `${config}\n`);
  await run(promtool, ["tsdb", "create-blocks-from", "openmetrics", "-q", join(folder, "samples.txt"), data]);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const options = [
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${data}`,
    "--storage.tsdb.retention.time=100y",
    `--web.listen-address=127.0.0.1:${port}`,
    ...args,
  ];
  const start = (): Promise<ChildProcess> =>
    startProgram(prometheus, options, "Server is ready to receive web requests", { cwd: folder });
  let child = await start();
  return {
    url,
    async recordRules(path, fromMs, toMs) {
      const span = [`--start=${fromMs / 1000}`, `--end=${toMs / 1000}`, `--url=${url}`, `--output-dir=${data}`];
      await run(promtool, ["tsdb", "create-blocks-from", "rules", ...span, path]);
      await stopProgram(child);
      child = await start();
    },
    async killed(meanwhile, storage) {
      await stopProgram(child, "SIGKILL");
      if (storage === "wiped") await rm(data, { recursive: true, force: true });
      await meanwhile();
      child = await start();
    },
    async [Symbol.asyncDispose]() {
      await stopProgram(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
