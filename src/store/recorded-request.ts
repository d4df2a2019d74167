/** A request that its caller may send again, by the name it gave it. */
export interface RequestKey {
  /** Whose keys these are; another caller's same key is another. */
  readonly caller: string;
  readonly key: string;
}

/** A request under its key, with what it asks for. */
export interface KeyedRequest extends RequestKey {
  /** Equal for equal requests. */
  readonly fingerprint: string;
}

/** What was recorded for a request that came before under the same key. */
export interface RecordedRequest {
  readonly fingerprint: string;
  /** Of its predictions, in their order. */
  readonly ids: readonly string[];
}

/**
 * How long a key is known: whoever sends a request again does so within minutes, or from a job of the same
 * day.
 */
export const REQUEST_KEPT_MS = 24 * 3600 * 1000;
