/**
 * `node scripts/write-windows-zones.mjs`: writes the IANA zone of each Windows zone name, as CLDR
 * has them, to src/config/calendar. Every build runs it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./lib/paths.mjs";

const OUTPUT = join(ROOT, "src", "config", "calendar", "windows-zones.ts");
/** CLDR's territory for "wherever": one zone for each Windows name. */
const WORLD = "001";

/** The generated module, as text. */
export function windowsZones() {
  const path = fileURLToPath(import.meta.resolve("cldr-core/supplemental/windowsZones.json"));
  const { windowsZones: table } = JSON.parse(readFileSync(path, "utf8")).supplemental;
  const zones = table.mapTimezones.map(({ mapZone }) => mapZone).filter(({ _territory }) => _territory === WORLD);
  const lines = zones.map(({ _other, _type }) => `  [${JSON.stringify(_other)}, ${JSON.stringify(_type)}],`);
  return `// Made by scripts/write-windows-zones.mjs from windowsZones.json of cldr-core (Unicode CLDR). Do
// not edit.

/**
 * IANA zone of each Windows zone name:
 * https://github.com/unicode-org/cldr/blob/main/common/supplemental/windowsZones.xml
 */
export const WINDOWS_ZONES: ReadonlyMap<string, string> = new Map([
${lines.join("\n")}
]);
`;
}

/** Writes the module unless it is there already: a build changes no file without need. */
export function writeWindowsZones() {
  const text = windowsZones();
  if (readFileSync(OUTPUT, { encoding: "utf8", flag: "a+" }) !== text) writeFileSync(OUTPUT, text);
}

if (process.argv[1] === import.meta.filename) writeWindowsZones();
