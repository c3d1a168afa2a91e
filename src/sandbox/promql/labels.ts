/** Label names and values; an empty value is the same as no label, so there are none here. */
export type Labels = Readonly<Record<string, string>>;

export const METRIC_NAME = "__name__";

/** A string that is equal exactly when the labels are. */
export function labelsKey(labels: Labels): string {
  let key = "";
  for (const name of Object.keys(labels).sort()) key += `${name}\u0001${labels[name]}\u0002`;
  return key;
}

/** Key of some labels only, absent ones counted as empty. */
export function keyOf(labels: Labels, names: readonly string[]): string {
  let key = "";
  for (const name of names) key += `${labels[name] ?? ""}\u0002`;
  return key;
}

export function only(labels: Labels, names: readonly string[]): Labels {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = labels[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

export function without(labels: Labels, names: readonly string[]): Labels {
  const kept: Record<string, string> = { ...labels };
  for (const name of names) delete kept[name];
  return kept;
}

export const withoutName = (labels: Labels): Labels =>
  labels[METRIC_NAME] === undefined ? labels : without(labels, [METRIC_NAME]);

/** `labels` with one more; an empty value removes it. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const changed: Record<string, string> = { ...labels };
  if (value === "") delete changed[name];
  else changed[name] = value;
  return changed;
}
