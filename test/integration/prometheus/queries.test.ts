import { expect, test } from "vitest";
import { prometheusAlerts } from "../../../src/adapters/prometheus/read/alerts.ts";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { stepStartMs } from "../../../src/core/model/series.ts";
import { expectGolden } from "../../support/golden.ts";
import { describeWith } from "../../support/requires.ts";
import { startPrometheus } from "../../support/servers/prometheus.ts";
import { type Recorded, startRecorder } from "../../support/servers/recorder.ts";
import { sourceOptions } from "./mesh.ts";
import { trappedMesh } from "./scenario.ts";

const never = new AbortController().signal;

/** One request as text, times relative to the grid's end so that the file says what they are. */
function shown({ method, path, params }: Recorded, endMs: number): string {
  const lines = [...params].map(([name, value]) => {
    const isTime = name === "time" || name === "start" || name === "end";
    const offsetS = isTime ? Math.round(Number(value) - endMs / 1000) : 0;
    return `  ${name}: ${isTime ? `END${offsetS === 0 ? "" : ` ${offsetS < 0 ? "-" : "+"} ${Math.abs(offsetS)}`}` : value}`;
  });
  return [`${method} ${path}`, ...lines].join("\n");
}

describeWith("prometheus", "requests to Prometheus", () => {
  test("are those of fixtures/prometheus/queries.txt, which whoever stands in for Prometheus must answer", async () => {
    const { grid, text } = trappedMesh({ stepMs: 60_000, scrapeMs: 15_000, steps: 30 });
    await using server = await startPrometheus(text);
    await using recorder = await startRecorder(server.url);
    const endMs = stepStartMs(grid, grid.steps);
    const options = sourceOptions(recorder.url, endMs);
    const source = prometheusSource(options);
    const sections: string[] = [];
    const section = async (name: string, call: () => Promise<unknown>): Promise<void> => {
      recorder.requests.length = 0;
      await call();
      const all = recorder.requests.map((request) => shown(request, endMs)).sort();
      sections.push([`## ${name} (${all.length})`, ...all].join("\n\n"));
    };
    await section("counts, 30 steps of a minute", () => source.counts(grid, never));
    await section("recent, two minutes", () => source.recent(endMs, 120_000, never));
    await section("history, 30 steps of a minute", () => source.history(grid, never));
    await section("edges, seven days", () => source.edges({ fromMs: endMs - 7 * 86_400_000, toMs: endMs }, never));
    await section("health", () => source.health(never));
    await section("alerts", () => prometheusAlerts(options).firing('severity="page"', never));
    expect(sections.join("")).not.toMatch(/NaN|undefined/);
    expectGolden(
      "prometheus/queries.txt",
      `${[
        "# Every request that the Prometheus adapter sends, as recorded in front of a real Prometheus. END is the grid's end in unix seconds;",
        "# parameters are the body, form-encoded. With recording rules installed history sends recorded… of rules/signals instead.",
        "# Written by test/integration/prometheus/queries.test.ts (AFTERSHOCK_UPDATE_GOLDEN=1).",
      ].join("\n")}\n\n${sections.join("\n\n")}`,
    );
  });
});
