import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../requires.ts";
import { freePort, startProgram, stopProgram } from "./process.ts";

/** A message of Alertmanager to a webhook receiver, as far as tests read it. */
export interface Passed {
  readonly receiver: string;
  readonly status: "firing" | "resolved";
  readonly alerts: readonly {
    readonly status: "firing" | "resolved";
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
    readonly startsAt: string;
  }[];
}

export interface AlertmanagerServer extends AsyncDisposable {
  readonly url: string;
  /** What it has told its receivers, oldest first. */
  readonly passed: readonly Passed[];
  /** Resolves when `seen` is true of what was told. */
  until(seen: (passed: readonly Passed[]) => boolean): Promise<void>;
  /** Ends it and starts it again with nothing in its memory. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A real Alertmanager on a free loopback port that sends at once: *not recovered* to `pager`, the
 * rest to `channel`.
 */
export async function startAlertmanager(): Promise<AlertmanagerServer> {
  const program = findProgram("prometheus-alertmanager", "alertmanager");
  if (program === null) throw new Error("Alertmanager is not installed");
  const passed: Passed[] = [];
  const waiting = new Set<() => void>();
  const receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      passed.push({ ...(JSON.parse(body) as Passed) });
      response.end();
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), "aftershock-alertmanager-"));
  await writeFile(join(folder, "config.yml"), configFor(hook));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let run = 0;
  const start = () =>
    startProgram(
      program,
      [
        `--config.file=${join(folder, "config.yml")}`,
        `--storage.path=${join(folder, `data-${++run}`)}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
      ],
      "Listening on",
    );
  let child = await start();
  const stop = () => stopProgram(child);
  return {
    url,
    passed,
    stop,
    async restart() {
      await stop();
      child = await start();
    },
    until: (seen) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!seen(passed)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      await stop();
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const configFor = (hook: string): string => `
route:
  receiver: channel
  group_by: [experiment, service]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
  routes:
    - receiver: pager
      matchers: ['outcome="not recovered"']
receivers:
  - name: channel
    webhook_configs: [{ url: '${hook}/channel' }]
  - name: pager
    webhook_configs: [{ url: '${hook}/pager' }]
`;
