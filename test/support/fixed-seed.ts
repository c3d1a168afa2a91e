import fc from "fast-check";

/** Properties are tried on the same examples in every run; AFTERSHOCK_SEED=N looks for others. */
fc.configureGlobal({ seed: Number(process.env.AFTERSHOCK_SEED ?? 1) });
