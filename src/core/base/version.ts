import manifest from "../../../package.json" with { type: "json" };

/** The version of this executable, in semantic versioning. */
export const tasklogVersion: string = manifest.version;
/** The version of the gRPC protocol: two ends with different numbers do not talk to each other. */
export const protocolVersion = 1;
