/** Facts for programs beside the code; they become members of a problem document. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * An error that whoever gets it can act on: a code for programs, and a message that says what was expected,
 * what was got and what to do. Anything else that is thrown is a bug.
 *
 * Each subject has one subclass with its codes. `wire/problems.ts` has the HTTP status and title of those
 * that can reach a caller.
 */
export abstract class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails;

  constructor(code: Code, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
