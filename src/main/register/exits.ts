/** Exit codes as `--help` tells them: EXIT in io.ts. */
export const PROGRAM_EXITS = `
Exit codes:
  0   done
  1   not recovered, or something is missing (run, follow-up, doctor)
  2   unknown (run)
  3   could not: the reason is on standard error
  4   refused by a gate (run)
  64  the command line cannot be read`;

export const RUN_EXITS = {
  run: `
Exit codes:
  0   unaffected or recovered; refused with --refused-ok; a sham
  1   not recovered
  2   unknown: it could not be judged
  3   could not run, or a fault is still active
  4   refused by a gate`,
  followUp: `
Exit codes:
  0   no damage is open
  1   damage is still open
  3   a fault is active, an intent has no outcome, or it could not look`,
  doctor: `
Exit codes:
  0   nothing is missing
  1   something is missing
  3   it could not look`,
  halt: `
Exit codes:
  0   written, and in force
  3   not in force yet, or not written`,
} as const;
