import type { MiddlewareHandler } from "hono";
import { FailurePage } from "./pages/failure.tsx";
import { htmlOf } from "./render.ts";

/** An address that cannot be decoded is the caller's mistake, not ours. */
export const refuseBadAddress: MiddlewareHandler = async (context, next) => {
  const { pathname, search } = new URL(context.req.url);
  if (isReadable(pathname) && isReadable(search)) return next();
  const error = "the address has an escape that cannot be decoded: write a percent sign as %25";
  if (pathname.startsWith("/api/")) return context.json({ error }, 400);
  return context.html(await htmlOf(<FailurePage title="This address cannot be read" detail={error} />), 400);
};

function isReadable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
