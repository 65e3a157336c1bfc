import { expect, test } from "bun:test";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { TasklogError } from "../../../src/core/base/errors.ts";
import { fromServiceError, toStatus } from "../../../src/core/rpc/service-error.ts";

function serviceError(code: number, details: string, metadata = new Metadata()): ServiceError {
  return Object.assign(new Error(`${code} ${details}`), { code, details, metadata });
}

test("a TasklogError arrives with its code and its sentence", () => {
  const sent = toStatus(new TasklogError("command_not_found", "no such command: frob"));
  expect(sent.code).toBe(status.FAILED_PRECONDITION);
  const got = fromServiceError(serviceError(sent.code, sent.details, sent.metadata), "the master at x:1");
  expect([got.code, got.message, got.exitCode]).toEqual(["command_not_found", "no such command: frob", 127]);
});

test("a sentence that no header can hold is made to fit", () => {
  const sent = toStatus(new TasklogError("invalid", `\ud800${"x".repeat(100_000)}`));
  expect(sent.details.length).toBeLessThanOrEqual(2000);
  expect(() => encodeURI(sent.details)).not.toThrow();
});

test.each([
  [
    14,
    "No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1",
    "unavailable",
    "nobody listens there",
  ],
  [14, "Name resolution failed for target dns:nohost", "unavailable", "no host of that name"],
  [4, "Deadline exceeded", "unavailable", "did not answer in time"],
  [12, "The server does not implement the method", "incompatible", "does not know this call"],
  [13, "Received RST_STREAM with code 2", "unavailable", "broke"],
  [13, "Error deserializing response", "internal", "deserializing"],
  [1, "Cancelled on client", "aborted", "cancelled"],
  [2, "?", "internal", "status 2"],
] as const)("gRPC's own status %i (%s) becomes %s and names the peer", (code, details, own, words) => {
  const error = fromServiceError(serviceError(code, details), "the master at x:1");
  expect(error.code).toBe(own);
  expect(error.message).toContain("the master at x:1");
  expect(error.message).toContain(words);
});

test("a code that this version does not know is not trusted", () => {
  const metadata = new Metadata();
  metadata.set("tasklog-code", "toString");
  expect(fromServiceError(serviceError(5, "gone", metadata), "the master at x:1").code).toBe("internal");
});
