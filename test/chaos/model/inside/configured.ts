/** In the place of `src/main/setup/configured.ts`. */
import { journal } from "./storage.ts";

export const openJournal = async () => ({ journal, [Symbol.asyncDispose]: async () => undefined });
