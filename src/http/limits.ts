/** What one request may ask for. */
export interface Limits {
  /** Of the request body as it is sent, whether it holds one image or many. */
  readonly maxBodyBytes: number;
  /** Images in one multipart request. */
  readonly maxParts: number;
  /** Largest `deadline_ms`. */
  readonly maxDeadlineMs: number;
}
