/**
 * A switch that forgot a case fails to compile here, and throws if data from outside got past the
 * types.
 */
export function unreachable(value: never): never {
  throw new TypeError(`unexpected value: ${JSON.stringify(value)}`);
}
