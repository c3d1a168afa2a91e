/**
 * `url` without anything secret, for errors and logs: the password and the query are cut out. What
 * cannot be read as a URL is not repeated at all.
 * @example maskUrl("redis://worker:hunter2@redis:6379/0") // => "redis://worker:***@redis:6379/0"
 */
export function maskUrl(url: string): string {
  if (url.startsWith("embedded:")) return url;
  if (/^rediss?\+sentinel:\/\//.test(url))
    return url.replace(/[?#].*$/s, "").replace(/(:\/\/[^:@/]*):[^@/]*@/, "$1:***@");
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return "(unreadable URL)";
  }
  if (parsed.password !== "") parsed.password = "***";
  parsed.search = "";
  parsed.hash = "";
  return parsed.href;
}
