import { describe, expect, test } from "vitest";
import { jsonLog } from "../../../src/adapters/log/json.ts";
import { secretsOfUrl } from "../../../src/main/setup/url-secrets.ts";

/** What a log line says of `text` when `url` is the storage's. */
function logged(url: string, text: string): string {
  let line = "";
  jsonLog({ level: "info", write: (one) => (line = one), redact: [...secretsOfUrl(url)] }).info(text);
  return JSON.parse(line).msg;
}

describe("a log", () => {
  test("says where the storage lies", () => {
    expect(logged("embedded:./data", "storage: embedded:./data")).toBe("storage: embedded:./data");
    expect(logged("redis://redis:6379", "lost redis://redis:6379")).toBe("lost redis://redis:6379");
  });

  test.each([
    { name: "as it is written", text: "tried pa%24%24word" },
    { name: "as it is meant", text: "tried pa$$word" },
    { name: "inside the address", text: "tried redis://worker:pa%24%24word@redis:6379" },
  ])("never says its password $name", ({ text }) => {
    expect(logged("redis://worker:pa%24%24word@redis:6379", text)).not.toMatch(/pa(\$|%24)/);
  });

  test("says nothing of an address that cannot be read, nor what its query holds", () => {
    expect(logged("postgres//hunter2@db", "bad postgres//hunter2@db")).not.toContain("hunter2");
    expect(logged("postgres://db/a?password=hunter2", "bad ?password=hunter2")).not.toContain("hunter2");
  });
});
