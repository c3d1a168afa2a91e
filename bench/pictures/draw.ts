import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildNulls, judge } from "../../src/core/judge/judge.ts";
import { MINUTE_MS } from "../../src/core/model/units.ts";
import { randomOf } from "../lib/random.ts";
import { BEFORE, callsOf, inputOf, LATE_FROM, REACH, SHAPE } from "../truth/experiment.ts";
import { inject } from "../truth/inject.ts";
import { generateWorld, windowOf } from "../truth/world.ts";

/**
 * Draws the pictures of docs/how-verdicts-are-made.md from one judged run: `node
 * bench/pictures/draw.ts docs/how-verdicts-are-made`.
 */
const [WIDTH, HEIGHT, MARGIN] = [720, 220, 36];

const svg = (body: string, title: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11"><title>${title}</title>` +
  `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>${body}</svg>\n`;

const text = (x: number, y: number, words: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="#333">${words}</text>`;

/** Failure share a minute with the three windows behind it. */
function timeline(shares: readonly number[], told: string): string {
  const x = (step: number): number => MARGIN + (step * (WIDTH - 2 * MARGIN)) / shares.length;
  const y = (share: number): number => HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN);
  const band = (from: number, to: number, colour: string, name: string): string =>
    `<rect x="${x(from)}" y="${MARGIN}" width="${x(to) - x(from)}" height="${HEIGHT - 2 * MARGIN}" fill="${colour}"/>${text(x(from) + 4, MARGIN + 12, name)}`;
  const bars = shares.map(
    (s, i) =>
      `<rect x="${x(i) + 1}" y="${y(s)}" width="${x(1) - x(0) - 2}" height="${Math.max(y(0) - y(s), 0.5)}" fill="#b03a2e"/>`,
  );
  const bands = [
    band(0, BEFORE, "#eef3f8", "before"),
    band(BEFORE, BEFORE + SHAPE.early, "#fdf1e3", "early"),
    band(BEFORE + LATE_FROM, BEFORE + REACH, "#fbe6e3", "late"),
  ];
  const axis = text(2, y(1) + 4, "100 %") + text(8, y(0), "0 %") + text(x(BEFORE) - 8, HEIGHT - 14, "t0");
  return svg(
    bands.join("") + bars.join("") + axis + text(MARGIN, 20, told),
    "Share of failed requests a minute, with the windows of the test",
  );
}

/** How often each score of the shift came up at quiet moments, and the run's. */
function histogram(sorted: ArrayLike<number>, score: number): string {
  const [low, high] = [-3, 6];
  const bins = new Array<number>(45).fill(0);
  for (let i = 0; i < sorted.length; i++) {
    const bin = Math.floor(((sorted[i]! - low) / (high - low)) * bins.length);
    if (bin >= 0 && bin < bins.length) bins[bin] = bins[bin]! + 1;
  }
  const most = Math.max(...bins);
  const width = (WIDTH - 2 * MARGIN) / bins.length;
  const bars = bins.map((n, i) => {
    const height = (n / most) * (HEIGHT - 2.5 * MARGIN);
    return `<rect x="${MARGIN + i * width}" y="${HEIGHT - MARGIN - height}" width="${width - 1}" height="${height}" fill="#5d7fa3"/>`;
  });
  const label = score > high ? `this run: ${score.toFixed(0)}, far to the right →` : `this run: ${score.toFixed(1)}`;
  const ticks = Array.from({ length: 10 }, (_, i) =>
    text(MARGIN + (i * (WIDTH - 2 * MARGIN)) / 9 - 4, HEIGHT - 18, String(low + i)),
  );
  return svg(
    bars.join("") +
      ticks.join("") +
      text(MARGIN, 20, `${sorted.length} quiet moments of the same service, studentised score`) +
      text(WIDTH - 260, 40, label),
    "Null distribution of the shift",
  );
}

function main(folder: string): void {
  const world = generateWorld("ordinary", 40, 8, 3);
  const t0 = 7 * 1_440 + 600;
  const history = windowOf(world.services, 600, t0 - BEFORE);
  const nulls = buildNulls(history, SHAPE, []);
  const busy = world.services.find((s) => s.requests[t0]! > 300)!.service;
  const clean = windowOf(world.services, t0 - BEFORE, t0 + REACH);
  const injection = {
    service: busy,
    signal: "failures",
    size: 0.4,
    course: "persistent",
    from: BEFORE,
    to: BEFORE + REACH,
  } as const;
  const observation = inject(clean, injection, randomOf(3));
  const judgement = judge(
    inputOf({
      services: world.services,
      t0,
      history,
      nulls,
      calls: callsOf(world.services),
      target: busy,
      knowledge: "week",
      observation,
    }),
  );
  const told = judgement.verdicts.find((v) => v.service === busy && v.signal === "failures")!;
  const counts = observation.services.find((s) => s.service === busy)!;
  const shares = [...counts.failures].map((k, i) => k / Math.max(counts.requests[i]!, 1));
  const change = told.effect!.change;
  const points = (x: number): string => (100 * x).toFixed(1);
  const line = `${told.verdict.kind}: failures up by ${points(change.point)} points [${points(change.low)}, ${points(change.high)}]; onset ${((told.onsetMs!.point - t0 * MINUTE_MS) / MINUTE_MS).toFixed(0)} min after t0`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "windows.svg"), timeline(shares, line));
  const own = nulls.bySignal.get([...nulls.bySignal.keys()].find((key) => key.startsWith(`${busy} failures`))!)!;
  writeFileSync(join(folder, "null.svg"), histogram(own.components.shift!.sorted, told.z! / 1.645));
}

main(process.argv[2] ?? "docs/how-verdicts-are-made");
