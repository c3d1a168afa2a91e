import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { LIVE_SCRIPT } from "./live.ts";
import { STYLE } from "./style.ts";

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * Nothing but our own style sheet, icon and the one script that keeps a page up to date, and forms
 * that ask us for a list: no other script, no frame, no request to anybody else.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(LIVE_SCRIPT)}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers of every answer. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  context.header("content-security-policy", CONTENT_SECURITY_POLICY);
  context.header("x-content-type-options", "nosniff");
  context.header("referrer-policy", "no-referrer");
  // kept by the reader alone, and asked about every time: an unchanged answer is not sent again
  context.header("cache-control", "private, no-cache");
};
