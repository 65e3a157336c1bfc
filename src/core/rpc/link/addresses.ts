// HOST:PORT as people write it, and the rule that nothing listens beyond loopback without being told to.
// No names are resolved here: a name other than localhost counts as beyond loopback.
import { TasklogError } from "../../base/errors.ts";

export interface Address {
  /** A name or an IP address, IPv6 without brackets. */
  readonly host: string;
  /** 0 in an address to listen on: any free port. */
  readonly port: number;
}

/**
 * Reads `HOST:PORT` or `[IPV6]:PORT`. `what` names the flag or setting in the message.
 * @throws TasklogError "usage"
 */
export function parseAddress(text: string, what: string): Address {
  const bad = (why: string) =>
    new TasklogError("usage", `${what} ${JSON.stringify(text)} ${why}; write HOST:PORT, e.g. 127.0.0.1:7070`);
  if (text.includes("://")) throw bad("is a URL and not an address");
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text);
  if (match === null) {
    throw bad(text.split(":").length > 2 ? "has an IPv6 address without brackets" : "has no port");
  }
  const host = match[1] ?? match[2] ?? "";
  if (host === "") throw bad("has no host");
  const isName = match[1] === undefined && /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(host);
  const isIpv6 = match[1] !== undefined && /^[0-9A-Fa-f:.]+(%[\w.-]+)?$/.test(host) && host.includes(":");
  if (!isName && !isIpv6) throw bad("has a host that is neither a name nor an IP address");
  const digits = match[3] ?? "";
  if (!/^\d{1,5}$/.test(digits) || Number(digits) > 65_535) throw bad("has no port between 0 and 65535");
  return { host, port: Number(digits) };
}

export function formatAddress(address: Address): string {
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** True if only processes of this host can reach it. */
export function isLoopback(address: Address): boolean {
  const host = address.host.toLowerCase().replace(/^::ffff:/, "");
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** @throws TasklogError "not_permitted" for an address beyond loopback, unless `insecure`. */
export function requireLoopback(address: Address, insecure: boolean, what: string): void {
  if (insecure || isLoopback(address)) return;
  throw new TasklogError(
    "not_permitted",
    `${what} ${formatAddress(address)} is beyond loopback, where anybody could read logs and start tasks; ` +
      "use a loopback address through a tunnel, or add --insecure if the network is trusted",
  );
}
