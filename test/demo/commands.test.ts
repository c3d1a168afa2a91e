import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

/** The commands that the demo prints, run as somebody would who reads them there. */
const PROGRAM = new URL("../../dist/aftershock.mjs", import.meta.url).pathname;
const TOLD = /^Try it in another terminal:\n([\s\S]*?)^The dashboard stays/m;
/** A command against it takes some seconds; one that reads what it need not takes for ever. */
const MOST_MS = 120_000;

async function untilTold(demo: ChildProcess): Promise<string> {
  let said = "";
  for await (const chunk of demo.stdout ?? []) {
    said += String(chunk);
    if (TOLD.test(said)) return said;
  }
  throw new Error(`the demo ended before it was told:\n${said.slice(-2_000)}`);
}

function run(line: string, env: Readonly<Record<string, string>>) {
  const args = [PROGRAM, ...line.trim().split(" ").slice(1)];
  return new Promise<{ readonly code: number | string; readonly out: string }>((resolve) => {
    execFile(process.execPath, args, { env: { ...process.env, ...env }, timeout: MOST_MS }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? "stopped"), out: `${stdout}${stderr}` }),
    );
  });
}

test("every command that the demo prints works against it, at the demo's own time", async () => {
  const demo = spawn(process.execPath, [PROGRAM, "demo"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(demo, "exit");
  try {
    const said = await untilTold(demo);
    const tooLong = said.split("\n").filter((line) => line.length > 80 && !/^ {2}(export|alias) /.test(line));
    expect(tooLong).toEqual([]);
    const told = TOLD.exec(said)?.[1] ?? "";
    const env = Object.fromEntries(
      [...told.matchAll(/^ {2}export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    const commands = [...told.matchAll(/^ {2}aftershock .*$/gm)].map(([line]) => line);
    const expected = [
      { command: /explain/, says: /outcome: not recovered[\s\S]*go-app does not reconnect to go-app-db/ },
      { command: /findings/, says: /go-app does not reconnect to go-app-db \(new\)/ },
      { command: /report/, says: /^Resilience report of demo, 2026-W10/ },
      { command: /why-not/, says: /Deployment go-app\/go-app-db: may be hit/ },
      { command: /what-if/, says: /WORST CASE FOR EACH SERVICE/ },
      { command: /judge/, says: /outcome: recovered[\s\S]*go-app\/go-app failures: .*recovered in \d+ min/ },
    ];
    expect(commands).toHaveLength(expected.length);
    for (const [i, line] of commands.entries()) {
      const { code, out } = await run(line, env);
      expect(line).toMatch(expected[i]!.command);
      expect(out, line).toMatch(expected[i]!.says);
      expect(code, `${line}\n${out}`).toBe(0);
    }
  } finally {
    demo.kill("SIGINT");
    await ended;
  }
});
