import { expect, test, vi } from "vitest";
import type { Io } from "../../../src/main/io.ts";
import { whoami } from "../../../src/main/setup/whoami.ts";

// as libuv answers for a user without an entry in /etc/passwd, which most containers' users are
vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  userInfo: () => {
    throw new Error("A system error occurred: uv_os_get_passwd returned ENOENT (no such file or directory)");
  },
}));

const io = (env: Record<string, string>): Io => ({ env }) as Partial<Io> as Io;

test("a user without a name in this container is a number, and what people say of themselves counts", () => {
  expect(whoami(io({}))).toMatch(/^user \d+$/);
  expect(whoami(io({ AFTERSHOCK_USER: "ada" }))).toBe("ada");
});
