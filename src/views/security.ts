import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { STYLE } from "./style.ts";

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/**
 * Nothing but our own style sheet and icon, and forms that ask us for a list: no script, no frame,
 * no request to anybody else.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
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
