/** One step of the schema. Published steps are never changed; a new one is added below. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/**
 * Events are kept as the text that JSON.stringify made: jsonb would refuse U+0000, reorder keys and
 * round numbers. Names sort by bytes (collation "C"), as they do in Redis.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: "journal and cache",
    statements: [
      `CREATE TABLE aftershock.stream (
        cluster text NOT NULL,
        name text COLLATE "C" NOT NULL,
        kind text NOT NULL,
        index_ms bigint NOT NULL,
        last_seq bigint NOT NULL,
        open boolean NOT NULL,
        PRIMARY KEY (cluster, name)
      )`,
      "CREATE INDEX stream_by_index ON aftershock.stream (cluster, kind, index_ms, name)",
      "CREATE INDEX stream_open ON aftershock.stream (cluster, kind, index_ms, name) WHERE open",
      `CREATE TABLE aftershock.entry (
        cluster text NOT NULL,
        stream text COLLATE "C" NOT NULL,
        seq bigint NOT NULL,
        at_ms bigint NOT NULL,
        event text NOT NULL,
        PRIMARY KEY (cluster, stream, seq)
      )`,
      `CREATE TABLE aftershock.blob (
        cluster text NOT NULL,
        name text COLLATE "C" NOT NULL,
        bytes bytea NOT NULL,
        PRIMARY KEY (cluster, name)
      )`,
    ],
  },
];
