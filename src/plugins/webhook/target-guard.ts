// Whom a webhook may call. A URL comes from whoever submits a task, and the master stands where that person may not:
// beside metadata services, routers, databases. So only public addresses are called, unless the host was named in
// `allow-hosts`. The name is resolved here, every address of it is looked at, and the connection goes to the very
// addresses that were looked at: a name that answers differently the second time (DNS rebinding) gains nothing.
import { lookup as resolveName } from "node:dns/promises";
import { BlockList, isIP, type LookupFunction } from "node:net";

const notPublic = new BlockList();
// IANA IPv4 Special-Purpose Address Registry, and multicast.
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  notPublic.addSubnet(net, prefix, "ipv4");
}
// In IPv6 only global unicast is public, without the ranges that hold an IPv4 address or are for documentation.
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");
for (const [net, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  notPublic.addSubnet(net, prefix, "ipv6");
}

/** True if an IP address may belong to anybody on the internet. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !notPublic.check(address, "ipv4");
  return family === 6 && global6.check(address, "ipv6") && !notPublic.check(address, "ipv6");
}

export class TargetBlocked extends Error {
  override readonly name = "TargetBlocked";
}

export class TargetGuard {
  readonly #allowed: ReadonlySet<string>;

  constructor(allowHosts: readonly string[]) {
    this.#allowed = new Set(allowHosts.map(plainName));
  }

  /** A lookup for `http.request` that refuses a name when one of its addresses is not public. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    this.#resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };

  /** A host that is an address already is never looked up. @throws TargetBlocked */
  requireAllowed(url: URL): void {
    const host = plainName(url.hostname);
    if (isIP(host) !== 0 && !isPublic(host) && !this.#allowed.has(host)) throw blocked(host);
  }

  async #resolve(host: string): Promise<[Address, ...Address[]]> {
    const addresses = await resolveName(host, { all: true, verbatim: true });
    const [first, ...more] = addresses;
    if (first === undefined) throw Object.assign(new Error(`no address for ${host}`), { code: "ENOTFOUND" });
    const isHidden = addresses.some(({ address }) => !isPublic(address));
    if (isHidden && !this.#allowed.has(plainName(host))) throw blocked(plainName(host));
    return [first, ...more];
  }
}

/** The message says nothing that its reader did not know: which address an inner name has is no caller's business. */
function blocked(host: string): TargetBlocked {
  const what = isIP(host) === 0 ? "does not lead to a public address" : "is not a public address";
  return new TargetBlocked(`${host} ${what}; to allow it, add ${host} to allow-hosts of [plugins.webhook]`);
}

interface Address {
  address: string;
  family: number;
}

function plainName(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}
