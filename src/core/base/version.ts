import manifest from "../../../package.json" with { type: "json" };

/** Of this executable, semantic versioning. */
export const tasklogVersion: string = manifest.version;
/** Of the gRPC protocol: two ends with different numbers do not talk to each other. */
export const protocolVersion = 1;
