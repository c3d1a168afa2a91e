import * as z from "zod";
import { CONFIG } from "./schema.ts";

/**
 * The configuration file as JSON Schema (draft 7, which editors understand), made from the schema
 * that reads it.
 */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(CONFIG, { io: "input", target: "draft-7" });
  return { title: "Aftershock configuration", ...schema };
}
