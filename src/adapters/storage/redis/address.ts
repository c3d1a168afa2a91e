import { AftershockError } from "../../../core/model/error.ts";

/** Where Redis is, as ioredis and BullMQ take it: an address, or the Sentinels that know it. */
export type RedisAddress = { readonly url: string } | SentinelAddress;

interface SentinelAddress {
  readonly sentinels: { readonly host: string; readonly port: number }[];
  /** Name of the primary. */
  readonly name: string;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly sentinelPassword?: string;
  readonly tls?: Readonly<Record<string, never>>;
  readonly enableTLSForSentinelMode?: boolean;
}

/** `redis+sentinel://user:password@host:26379,host:26379/NAME/0`. */
const SENTINEL = /^(rediss?)\+sentinel:\/\/(?:([^@/]*)@)?([^@/?#]+)\/([^/?#]+)(?:\/(\d+))?$/;
/** https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/ */
const SENTINEL_PORT = 26_379;

export const isSentinelUrl = (url: string): boolean => /^rediss?\+sentinel:/.test(url);

/**
 * Reads an address of Redis, or of the Sentinels that know where it is: the name is that of the
 * primary, the password that of both.
 * @throws AftershockError `config-invalid` when a Sentinel address is not complete
 */
export function redisAddress(url: string): RedisAddress {
  if (!isSentinelUrl(url)) return { url };
  const [, scheme, credentials = "", hosts = "", name = "", db = "0"] = SENTINEL.exec(url) ?? [];
  const sentinels = hosts.split(",").map(hostAndPort);
  if (scheme === undefined || sentinels.some((one) => one.host === "" || Number.isNaN(one.port))) {
    throw new AftershockError("config-invalid", "storage.url is not a complete Sentinel address", {
      hint: "expected redis+sentinel://host:26379,host:26379/NAME_OF_THE_PRIMARY, with :password@ before the hosts where there is one",
    });
  }
  const [user = "", ...rest] = credentials.split(":");
  const password = decodeURIComponent(rest.join(":"));
  return {
    sentinels,
    name: decodeURIComponent(name),
    db: Number(db),
    ...(user === "" ? {} : { username: decodeURIComponent(user) }),
    ...(password === "" ? {} : { password, sentinelPassword: password }),
    ...(scheme === "rediss" ? { tls: {}, enableTLSForSentinelMode: true } : {}),
  };
}

/** An IPv6 address stands in brackets. */
function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const [, six, host = six ?? "", port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text.trim()) ?? [];
  return { host, port: port === undefined ? SENTINEL_PORT : Number(port) };
}
