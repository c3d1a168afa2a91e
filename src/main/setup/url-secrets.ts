/**
 * What is secret in a storage address: its password as it is written and as it is meant, and its
 * query. Where it lies is no secret, and people look for it in the log. Nothing of an address that
 * cannot be read may be shown.
 */
export function secretsOfUrl(url: string): readonly string[] {
  if (url.startsWith("embedded:")) return [];
  // Sentinels are several hosts, which makes it no URL; read as one with the first of them
  const one = url.replace(/^(rediss?\+sentinel:\/\/[^,/]*),[^/]*/, "$1");
  if (!URL.canParse(one)) return [url];
  const { password, search } = new URL(one);
  return [password, decoded(password), search].filter((part) => part !== "");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
