// What every call carries beside its message: who asks, and which tasklog of which protocol it is.
// A caller without these (grpcurl, another language) is served as protocol's own.
import { Metadata } from "@grpc/grpc-js";
import { TasklogError } from "../base/errors.ts";
import { PROTOCOL, VERSION } from "../base/version.ts";

const PROTOCOL_KEY = "tasklog-protocol";
const VERSION_KEY = "tasklog-version";
/** Names may be any UTF-8; metadata without the suffix -bin takes ASCII only. */
const USER_KEY = "tasklog-user-bin";

/** `protocol` and `version` are this executable's unless a test says otherwise. */
export function callMetadata(userId: string, protocol = PROTOCOL, version = VERSION): Metadata {
  const metadata = new Metadata();
  metadata.set(PROTOCOL_KEY, String(protocol));
  metadata.set(VERSION_KEY, version);
  if (userId !== "") metadata.set(USER_KEY, Buffer.from(userId));
  return metadata;
}

/** Empty: the caller did not say. */
export function userIdOf(metadata: Metadata): string {
  return metadata.get(USER_KEY)[0]?.toString() ?? "";
}

/** @throws TasklogError "incompatible" naming both versions, when the caller speaks another protocol. */
export function requireSameProtocol(metadata: Metadata): void {
  const protocol = metadata.get(PROTOCOL_KEY)[0]?.toString();
  if (protocol === undefined || protocol === String(PROTOCOL)) return;
  const version = metadata.get(VERSION_KEY)[0]?.toString() ?? "unknown";
  throw new TasklogError(
    "incompatible",
    `this tasklog is ${VERSION} (protocol ${PROTOCOL}), the caller is ${version} (protocol ${protocol}); ` +
      "install the same version at both ends",
  );
}
