import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../src/config/schema/json-schema.ts";

// Run after every change of src/config/schema*.ts: node scripts/write-config-schema.ts
writeFileSync(
  new URL("../rules/config.schema.json", import.meta.url),
  `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
);
