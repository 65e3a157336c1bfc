// The metadata that every call carries beside its message: who asks, and which tasklog of which protocol it is. A
// caller without these (grpcurl, another language) is served as protocol's own.
import { Metadata } from "@grpc/grpc-js";
import { TasklogError } from "../base/errors.ts";
import { protocolVersion, tasklogVersion } from "../base/version.ts";

const protocolKey = "tasklog-protocol";
const versionKey = "tasklog-version";
/** Names may be any UTF-8; metadata without the suffix -bin takes ASCII only. */
const userKey = "tasklog-user-bin";

/** `protocol` and `version` are this executable's unless a test says otherwise. */
export function callMetadata(userId: string, protocol = protocolVersion, version = tasklogVersion): Metadata {
  const metadata = new Metadata();
  metadata.set(protocolKey, String(protocol));
  metadata.set(versionKey, version);
  if (userId !== "") metadata.set(userKey, Buffer.from(userId));
  return metadata;
}

/** Empty: the caller did not say. */
export function userIdOf(metadata: Metadata): string {
  return metadata.get(userKey)[0]?.toString() ?? "";
}

/** @throws TasklogError "incompatible" naming both versions, when the caller speaks another protocol. */
export function requireSameProtocol(metadata: Metadata): void {
  const protocol = metadata.get(protocolKey)[0]?.toString();
  if (protocol === undefined || protocol === String(protocolVersion)) return;
  const version = metadata.get(versionKey)[0]?.toString() ?? "unknown";
  throw new TasklogError(
    "incompatible",
    `this tasklog is ${tasklogVersion} (protocol ${protocolVersion}), the caller is ${version} (protocol ${protocol}); ` +
      "install the same version at both ends",
  );
}
