import { type ConfigurationOptions, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";

/** Options of a call that sends a merge patch; without this client-node sends every patch as a JSON patch. */
export const mergePatch = (options: ConfigurationOptions): ConfigurationOptions =>
  setHeaderOptions("Content-Type", PatchStrategy.MergePatch, options);
