import * as z from "zod";
import { LINK_PLACEHOLDERS, PLACEHOLDER_PATTERN } from "../../core/text/link.ts";
import { didYouMean } from "../values/suggest.ts";
import { section } from "./fields.ts";

/** Names stand in messages, whose words are counted. */
const MAX_NAME_CHARS = 24;
const MAX_LINKS = 6;

const KNOWN = LINK_PLACEHOLDERS.map((name) => `{{${name}}}`).join(", ");

/** Why this is no address of a link, or null. */
function whyNotLink(text: string): string | null {
  const [before = ""] = text.split("{{");
  for (const [written, name = ""] of text.matchAll(PLACEHOLDER_PATTERN)) {
    if ((LINK_PLACEHOLDERS as readonly string[]).includes(name)) continue;
    return `unknown placeholder ${written}${didYouMean(name, LINK_PLACEHOLDERS)}; known here: ${KNOWN}`;
  }
  const filled = text.replaceAll(PLACEHOLDER_PATTERN, "0");
  if (/\{\{|\}\}/.test(filled)) return `a placeholder is not closed; write it as {{${LINK_PLACEHOLDERS[0]}}}`;
  const url = URL.parse(filled);
  if (url === null || !/^https?:$/.test(url.protocol))
    return "expected an address that begins with http:// or https://";
  if (filled !== text && !/^https?:\/\/[^/?#]+[/?#]/.test(before))
    return "a placeholder must not stand in the host; expected it after the first / behind it";
  if (url.username !== "" || url.password !== "" || /[?&][^=]*(pass|token|secret|api_?key)[^=]*=/i.test(url.search))
    return "a secret must not stand in a link: everybody who reads a page or a message sees it";
  return null;
}

const LINK = section({
  name: z.string().trim().min(1).max(MAX_NAME_CHARS).describe("What the link is called, such as Grafana."),
  url: z
    .string()
    .superRefine((text, context) => {
      const why = whyNotLink(text);
      if (why !== null) context.addIssue({ code: "custom", message: why });
    })
    .describe(`Address with ${KNOWN}; a link without what it needs is left out.`),
});

/** Ways to other tools, from pages, messages and the API. */
export const LINKS = z
  .array(LINK)
  .max(MAX_LINKS)
  .superRefine((links, context) => {
    for (const [i, { name }] of links.entries()) {
      const first = links.findIndex((one) => one.name === name);
      if (first < i)
        context.addIssue({
          code: "custom",
          path: [i, "name"],
          message: `"${name}" is the name of links[${first}] already`,
        });
    }
  });
