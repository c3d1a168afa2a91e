import { InvalidArgumentError } from "commander";

/** Seeds have 32 bits. */
export const MAX_SEED = 2 ** 32 - 1;

/** A parser of whole numbers within these bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
  };
}
