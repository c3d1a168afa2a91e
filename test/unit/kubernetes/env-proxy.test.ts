import { expect, test } from "vitest";
import { proxyFromEnvironment } from "../../../src/adapters/kubernetes/client/env-proxy.ts";

const PROXY = "http://proxy:3128";
const API = "https://api.prod.example.com:6443";

test.each([
  { name: "there is none when the environment names none", server: API, env: {}, proxy: null },
  { name: "HTTPS_PROXY is for https", server: API, env: { HTTPS_PROXY: PROXY }, proxy: PROXY },
  { name: "small letters count, too", server: API, env: { https_proxy: PROXY }, proxy: PROXY },
  { name: "HTTP_PROXY is not for https", server: API, env: { HTTP_PROXY: PROXY }, proxy: null },
  { name: "HTTP_PROXY is for http", server: "http://api", env: { HTTP_PROXY: PROXY }, proxy: PROXY },
  { name: "a proxy without a scheme is one of HTTP", server: API, env: { HTTPS_PROXY: "proxy:3128" }, proxy: PROXY },
  { name: "an empty one is none", server: API, env: { HTTPS_PROXY: "" }, proxy: null },
  { name: "this machine needs none", server: "https://localhost:6443", env: { HTTPS_PROXY: PROXY }, proxy: null },
  { name: "nor does its address", server: "https://127.0.0.2:6443", env: { HTTPS_PROXY: PROXY }, proxy: null },
  { name: "nor that of the sixth version", server: "https://[::1]:6443", env: { HTTPS_PROXY: PROXY }, proxy: null },
])("$name", ({ server, env, proxy }) => expect(proxyFromEnvironment(server, env)).toBe(proxy));

test.each([
  { rule: "*", server: API, exempt: true },
  { rule: "api.prod.example.com", server: API, exempt: true },
  { rule: "example.com", server: API, exempt: true },
  { rule: ".example.com", server: API, exempt: true },
  { rule: "*.example.com", server: API, exempt: true },
  { rule: ".api.prod.example.com", server: API, exempt: false },
  { rule: "ample.com", server: API, exempt: false },
  { rule: "EXAMPLE.com", server: API, exempt: true },
  { rule: "example.com:6443", server: API, exempt: true },
  { rule: "example.com:443", server: API, exempt: false },
  { rule: "other.org, ,10.0.0.0/8", server: "https://10.96.0.1", exempt: true },
  { rule: "10.0.0.0/8", server: "https://11.96.0.1", exempt: false },
  { rule: "10.96.0.1", server: "https://10.96.0.1", exempt: true },
  { rule: "10.96.0.1:443", server: "https://10.96.0.1", exempt: true },
  { rule: "10.96.0.1:6443", server: "https://10.96.0.1", exempt: false },
  { rule: "fd00::/8", server: "https://[fd00::1]:6443", exempt: true },
  { rule: "fd00::1", server: "https://[fd00::1]:6443", exempt: true },
  { rule: "[fd00::1]:6443", server: "https://[fd00::1]:6443", exempt: true },
  { rule: "10.0.0.0/8", server: "https://[fd00::1]:6443", exempt: false },
  { rule: "10.0.0.0/99", server: "https://10.96.0.1", exempt: false },
  { rule: "10.0.0.0/", server: "https://10.96.0.1", exempt: false },
  { rule: "/", server: API, exempt: false },
])("NO_PROXY=$rule exempts $server: $exempt", ({ rule, server, exempt }) => {
  const proxy = proxyFromEnvironment(server, { HTTPS_PROXY: PROXY, NO_PROXY: rule });
  expect(proxy === null).toBe(exempt);
});
