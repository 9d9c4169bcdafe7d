/** What the bench and its load generator tell each other. */

/** One request that is sent again and again, and the status it must be answered with. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly status: number;
}

/** Connections that take the requests of one list in turn, each with one request under way. */
export interface LoadGroup {
  readonly name: string;
  readonly connections: number;
  readonly requests: readonly LoadRequest[];
}

/** One run against one server. */
export interface LoadJob {
  /** Base URL, `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The value of the `Authorization` header; it goes to the baseline too. */
  readonly authorization: string;
  readonly groups: readonly LoadGroup[];
  /** Seconds of load before anything is counted. */
  readonly warmUpSeconds: number;
  /** Counting ends after so many seconds, or when every group has had so many answers. */
  readonly until: { readonly seconds: number } | { readonly answers: number };
  /** The server's process, whose processor time is read around the counting. */
  readonly processId: number;
  /** The database's process where it has one: what it uses, its children included, is not the work of others. */
  readonly databaseProcessId: number | null;
}

/** What one group saw while it was counted; errors are those of the whole run, warm-up included. */
export interface GroupResult {
  readonly name: string;
  readonly answers: number;
  readonly errors: number;
  readonly firstError: string | null;
  readonly bodyBytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What one run came to. */
export interface LoadResult {
  /** Wall-clock seconds that were counted. */
  readonly seconds: number;
  /** Processor seconds of the server, all threads, in that time; null where the system does not tell. */
  readonly processorSeconds: number | null;
  /** Share of the turns of the load generator in which answers had come, 0 to 1; at 1 it is at its limit. */
  readonly generatorShare: number;
  /** Cores that were busy with none of server, its database and load generator; null where the system does not tell. */
  readonly othersBusy: number | null;
  readonly groups: readonly GroupResult[];
}
