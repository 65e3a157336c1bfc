// TasklogError on the wire: the gRPC status of the one table, the sentence as details, and the exact code in the
// metadata `tasklog-code`. What comes without that code was not said by a tasklog handler but by gRPC itself (or by
// a stranger), and is put into a sentence that names the address.
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type ErrorCode, isErrorCode, TasklogError } from "../base/errors.ts";

const codeKey = "tasklog-code";
/** HTTP/2 headers are bounded; a longer sentence is cut. In characters. */
const detailsCharactersMax = 2000;

/** The reply that a grpc-js server sends for anything thrown. */
export interface StatusReply {
  code: number;
  details: string;
  metadata: Metadata;
}

export function toStatus(thrown: unknown): StatusReply {
  const error = TasklogError.from(thrown);
  const metadata = new Metadata();
  metadata.set(codeKey, error.code);
  // grpc-js hands details to encodeURI, which throws on a lone surrogate.
  return {
    code: error.grpcStatus,
    details: error.message.slice(0, detailsCharactersMax).toWellFormed(),
    metadata,
  };
}

/** `peer` says whom we called, in words: "the master at 127.0.0.1:7070". */
export function fromServiceError(thrown: unknown, peer: string): TasklogError {
  if (!isServiceError(thrown)) return TasklogError.from(thrown);
  const code = String(thrown.metadata?.get(codeKey)[0] ?? "");
  if (isErrorCode(code)) return new TasklogError(code, thrown.details, { cause: thrown });
  const [ownCode, message] = explain(thrown, peer);
  return new TasklogError(ownCode, message, { cause: thrown });
}

/** A call that was not answered in the time that it had. */
export function noAnswerInTime(peer: string): TasklogError {
  return new TasklogError("unavailable", `${peer} did not answer in time; it may be stopped or overloaded`);
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return (
    thrown instanceof Error &&
    "details" in thrown &&
    typeof (thrown as Partial<ServiceError>).code === "number"
  );
}

function explain(error: ServiceError, peer: string): readonly [ErrorCode, string] {
  switch (error.code) {
    case status.UNAVAILABLE:
      return ["unavailable", `cannot reach ${peer}: ${reasonOf(error.details)}`];
    case status.DEADLINE_EXCEEDED:
      return ["unavailable", noAnswerInTime(peer).message];
    case status.UNIMPLEMENTED:
      return ["incompatible", `${peer} does not know this call; it is no tasklog, or one of another version`];
    case status.CANCELLED:
      return ["aborted", `the call to ${peer} was cancelled`];
    case status.RESOURCE_EXHAUSTED:
      return ["exhausted", `${peer}: ${error.details}`];
    case status.INTERNAL:
      // A connection cut in the middle of a stream is told as 13 with these words, and is as worth a retry as 14.
      return /RST_STREAM|Protocol error|ECONN|closed/i.test(error.details)
        ? ["unavailable", `the connection to ${peer} broke`]
        : ["internal", `${peer}: ${error.details}`];
    default:
      return ["internal", `${peer} answered with gRPC status ${error.code}: ${error.details}`];
  }
}

function reasonOf(details: string): string {
  if (details.includes("ECONNREFUSED")) return "nobody listens there; is it running?";
  if (/ENOTFOUND|EAI_|Name resolution failed/.test(details)) return "there is no host of that name";
  if (/EHOSTUNREACH|ENETUNREACH/.test(details)) return "there is no route to that host";
  if (/ETIMEDOUT/.test(details)) return "the host does not answer";
  if (/HTTP\/2|[Pp]rotocol error|frame|preface/.test(details)) return "what answers there speaks no gRPC";
  return "the connection was lost or refused";
}
