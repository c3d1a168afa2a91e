/** In the place of kubeconfig, credentials and connections of the client. */
import { environment } from "./environment.ts";

export class NoCredentials extends Error {}

export const loadKubeconfig = () => ({
  getCurrentContext: () => "simulated",
  getCurrentCluster: () => ({ server: "http://api-server" }),
});

export const credentialSource = () => ({
  async get() {
    await environment.credentials();
    return { headers: { Authorization: environment.identity } };
  },
  refused: () => undefined,
});

export const transport = () => ({ poolsFor: async () => ({}), close: async () => undefined });
