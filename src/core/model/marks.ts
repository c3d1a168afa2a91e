/** Every label and annotation of ours begins with this. */
export const PREFIX = "aftershock.dev/";
/** As some did before; what carries it is still read. */
const FORMER_PREFIX = "aftershock/";

/** The key by which people mark objects for us, and the one that it had before. */
export const keysOf = (name: string): readonly [string, string] => [`${PREFIX}${name}`, `${FORMER_PREFIX}${name}`];

/**
 * What labels or annotations say under our key `name`, the former one included, as
 * `aftershock.dev/exempt: "true"`.
 */
export function marksOf(name: string, ...maps: readonly Readonly<Record<string, string>>[]): readonly Mark[] {
  return maps.flatMap((map) =>
    keysOf(name).flatMap((key) => {
      const value = map[key];
      return value === undefined ? [] : [{ key, value }];
    }),
  );
}

export interface Mark {
  readonly key: string;
  readonly value: string;
}
