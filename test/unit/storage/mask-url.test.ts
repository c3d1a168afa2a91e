import { expect, test } from "vitest";
import { maskUrl } from "../../../src/adapters/storage/mask-url.ts";

test.each([
  { name: "a password", url: "redis://worker:hunter2@redis:6379/0", masked: "redis://worker:***@redis:6379/0" },
  { name: "a password without a user", url: "rediss://:hunter2@redis:6379", masked: "rediss://:***@redis:6379" },
  { name: "a password among the options", url: "postgres://db/x?password=hunter2&ssl=true", masked: "postgres://db/x" },
  { name: "no password", url: "postgres://aftershock@db:5432/x", masked: "postgres://aftershock@db:5432/x" },
  { name: "a folder", url: "embedded:./data", masked: "embedded:./data" },
  { name: "something else", url: "hunter2", masked: "(unreadable URL)" },
])("$name", ({ url, masked }) => expect(maskUrl(url)).toBe(masked));
