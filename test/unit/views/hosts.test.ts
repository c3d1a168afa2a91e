import { expect, test } from "vitest";
import { servedHosts } from "../../../src/views/hosts.ts";
import { createWeb } from "../../../src/views/web.tsx";
import { webData } from "../../support/web.ts";

const isServed = servedHosts(["aftershock.example.com"]);

test.each([
  "127.0.0.1:8080",
  "10.1.2.3",
  "[::1]:8080",
  "localhost",
  "LOCALHOST:80",
  "aftershock",
  "aftershock:8080",
  "aftershock.aftershock.svc",
  "aftershock.aftershock.svc.cluster.local",
  "aftershock.aftershock.svc.corp.example",
  "aftershock.example.com",
  "Aftershock.Example.COM:443",
  "aftershock.example.com.",
])("%s is a name that we may be asked under", (host) => expect(isServed(host)).toBe(true));

test.each([
  "evil.example",
  "evil.example:8080",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "aftershock.example.com.evil.example",
  "evilaftershock.example.com",
  "svc.evil.example",
  "a@aftershock.example.com",
  "aftershock.example.com/x",
  "127.0.0.1.nip.io",
  "",
  "%",
])("%j may belong to anybody", (host) => expect(isServed(host)).toBe(false));

test.each(["/", "/api/status", "/metrics", "/healthz"])("%s is not read under the name of a stranger", async (path) => {
  const response = await createWeb(webData()).request(path, { headers: { host: "evil.example" } });
  expect([response.status, await response.text()]).toEqual([421, expect.stringContaining("web.hosts")]);
});
