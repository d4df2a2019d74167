/** The service said no, and said why (RFC 9457). */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** Stable: decide by this. */
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** The service did not answer, or could not: asking again later may help. */
export class ServiceAway extends Error {
  override readonly name = 'ServiceAway';
}
