// The one table of failures. Every error that leaves a component is a TasklogError with one of these codes;
// the table says what the code is on each edge: gRPC status, HTTP status, and exit code of the command.
// The message is for a person: what happened, to what, and what to do next.

/** Code -> [gRPC status, HTTP status, exit code]. Numbers of gRPC are those of google.rpc.Code. */
const statusTable = {
  usage: [3, 400, 2], // a flag or argument that cannot be meant
  invalid: [3, 400, 125], // input that was well formed but cannot be used
  not_found: [5, 404, 125],
  ambiguous: [9, 409, 125], // a prefix that several tasks share
  already_exists: [6, 409, 125],
  not_permitted: [7, 403, 125],
  incompatible: [9, 412, 125], // another version at the other end, or of a data folder
  busy: [9, 409, 125], // a port, a data folder or a name is in use
  unavailable: [14, 503, 125], // nobody answers: master, worker or engine
  image: [9, 422, 125], // no such image, or it cannot be pulled
  not_executable: [9, 422, 126],
  command_not_found: [9, 422, 127],
  exhausted: [8, 429, 125], // a bound was reached
  aborted: [1, 499, 130],
  internal: [13, 500, 125],
} as const satisfies Record<string, readonly [grpc: number, http: number, exit: number]>;

export type ErrorCode = keyof typeof statusTable;

export class TasklogError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TasklogError";
    this.code = code;
  }

  get grpcStatus(): number {
    return statusTable[this.code][0];
  }

  get httpStatus(): number {
    return statusTable[this.code][1];
  }

  get exitCode(): number {
    return statusTable[this.code][2];
  }

  /** Wraps anything thrown. An AbortError becomes `aborted`; what is unknown becomes `internal`. */
  static from(thrown: unknown): TasklogError {
    if (thrown instanceof TasklogError) return thrown;
    if (thrown instanceof Error) {
      return new TasklogError(thrown.name === "AbortError" ? "aborted" : "internal", thrown.message, {
        cause: thrown,
      });
    }
    return new TasklogError("internal", String(thrown));
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(statusTable, code);
}
