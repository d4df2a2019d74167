/** What one request may ask for, and all of them together. */
export interface Limits {
  /** Of the request body as it is sent, whether it holds one image or many. */
  readonly maxBodyBytes: number;
  /** Of all request bodies that are held at a time; without it there is no bound. */
  readonly maxInflightBytes: number;
  /** Of those of one caller; all of them where it is not said. */
  readonly maxInflightOfCaller?: number;
  /** Of all answers that wait to be read. */
  readonly maxDownloadBytes: number;
  /** Longest that a reader may take nothing of an answer; 10 s where it is not said. */
  readonly stallMs?: number;
  /** Images in one multipart request. */
  readonly maxParts: number;
  /** Largest `deadline_ms`. */
  readonly maxDeadlineMs: number;
}
