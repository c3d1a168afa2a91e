import { EDGES, ENDED } from "./life.ts";

/**
 * The life of an experiment as a Mermaid state diagram, drawn from the table that the code runs on.
 */
export function lifeDiagram(): string {
  const lines = ["stateDiagram-v2", "  [*] --> new"];
  for (const [from, edges] of Object.entries(EDGES)) {
    for (const [event, targets] of Object.entries(edges)) {
      for (const to of targets ?? []) lines.push(`  ${name(from)} --> ${name(to)}: ${event}`);
    }
  }
  for (const phase of ENDED) lines.push(`  ${name(phase)} --> [*]`);
  return lines.join("\n");
}

/** Mermaid takes no dash in the name of a state. */
const name = (phase: string): string => phase.replaceAll("-", "_");
