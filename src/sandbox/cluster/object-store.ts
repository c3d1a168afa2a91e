/** Metadata as the API server keeps it. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** An object of any kind, without its kind and version: the resource says them. */
export interface KubeObject {
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  readonly resource: string;
  readonly object: KubeObject;
}

/** Changes that watches can still be told about; older versions are too old. */
const KEPT_EVENTS = 5_000;

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ""}/${name}`;

/**
 * What etcd and the API server's cache are to the real thing: objects by resource, one version for
 * each change, and who wants to know.
 */
export class ObjectStore {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(event: WatchEvent) => void>();
  #events: WatchEvent[] = [];
  #version: number;
  #forgotten: number;

  constructor(firstVersion: number) {
    this.#version = firstVersion;
    this.#forgotten = firstVersion;
  }

  get version(): number {
    return this.#version;
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(resource)?.get(keyOf(namespace, name));
  }

  /** Objects of one namespace, or of all when it is undefined, by namespace and name. */
  list(resource: string, namespace?: string): KubeObject[] {
    return [...(this.#objects.get(resource) ?? [])]
      .filter(([, object]) => namespace === undefined || object.metadata.namespace === namespace)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  /**
   * Writes an object as it is now and gives it the next version; nothing happens when it is the
   * same already.
   */
  put(resource: string, object: KubeObject): KubeObject {
    const objects = this.#objects.get(resource) ?? new Map<string, KubeObject>();
    this.#objects.set(resource, objects);
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const old = objects.get(key);
    if (old !== undefined && same(old, object)) return old;
    const stored = this.#stamp(object);
    objects.set(key, stored);
    this.#tell({ type: old === undefined ? "ADDED" : "MODIFIED", version: this.#version, resource, object: stored });
    return stored;
  }

  /** Removes an object; `last` is how it looked in the end. */
  remove(resource: string, last: KubeObject): void {
    const { namespace, name } = last.metadata;
    if (this.#objects.get(resource)?.delete(keyOf(namespace, name)) !== true) return;
    const stored = this.#stamp(last);
    this.#tell({ type: "DELETED", version: this.#version, resource, object: stored });
  }

  /** Changes after `version`, or null when they were forgotten. */
  since(version: number): readonly WatchEvent[] | null {
    return version < this.#forgotten ? null : this.#events.filter((event) => event.version > version);
  }

  /** The oldest version that a watch may start from. */
  get oldestVersion(): number {
    return this.#forgotten;
  }

  listen(listener: (event: WatchEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #stamp(object: KubeObject): KubeObject {
    this.#version++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #tell(event: WatchEvent): void {
    this.#events.push(event);
    if (this.#events.length > 2 * KEPT_EVENTS) {
      this.#events = this.#events.slice(-KEPT_EVENTS);
      this.#forgotten = this.#events[0]!.version;
    }
    for (const listener of this.#listeners) listener(event);
  }
}

function same(a: KubeObject, b: KubeObject): boolean {
  const bare = ({ metadata: { resourceVersion: _, ...metadata }, ...rest }: KubeObject): string =>
    JSON.stringify({ ...rest, metadata });
  return bare(a) === bare(b);
}
