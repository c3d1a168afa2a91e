import type { Environment } from "../environment.ts";

/** Handed in by whoever starts the process: see `../program.ts`. */
declare const ENVIRONMENT: Environment;

export const environment: Environment = ENVIRONMENT;
