import { once } from "node:events";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { describeWith } from "../../support/requires.ts";
import { startPrometheus } from "../../support/servers/prometheus.ts";
import { sourceOptions } from "./mesh.ts";
import { trappedMesh } from "./scenario.ts";

const never = new AbortController().signal;

/** A frontend that moves the times of range queries to whole steps, so that it can keep answers. */
async function frontend(behind: string) {
  const asked: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
    const step = Number(body.get("step"));
    asked.push(incoming.url ?? "");
    if (incoming.url === "/api/v1/query_range") {
      for (const end of ["start", "end"]) body.set(end, `${Math.floor(Number(body.get(end)) / step) * step}`);
    }
    const answer = await fetch(`${behind}${incoming.url}`, { method: "POST", body });
    outgoing.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describeWith("prometheus", "a frontend that moves range queries to whole steps", () => {
  const scenario = trappedMesh({ stepMs: 60_000, scrapeMs: 15_000, steps: 30 });
  const grid = { ...scenario.grid, startMs: scenario.grid.startMs + 23_000, steps: scenario.grid.steps - 1 };
  const endMs = grid.startMs + grid.steps * grid.stepMs;

  test("changes nothing of what is read: it is asked at whole steps, about the times that are wanted", async () => {
    await using server = await startPrometheus(scenario.text);
    await using before = await frontend(server.url);
    const [direct, moved] = [server, before].map(({ url }) => prometheusSource(sourceOptions(url, endMs)));
    const options = [grid, never] as const;
    const { sourceRequests: few, ...counts } = await direct!.counts(...options);
    const { sourceRequests: more, ...same } = await moved!.counts(...options);
    expect(same).toEqual(counts);
    expect(same.services.some(({ latency }) => latency !== null)).toBe(true);
    expect(more).toBe(few + 1);

    const { sourceRequests: usual, ...history } = await direct!.history(...options);
    const { sourceRequests: again, ...past } = await moved!.history(...options);
    expect(past).toEqual(history);
    expect(again).toBe(usual);
  });
});
