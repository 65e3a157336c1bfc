// A DNS server for tests: UDP, one question a packet, IPv4 addresses without a time to live. What it answers may change
// from one question to the next, which is what a name server of somebody hostile does.
import { createSocket } from "node:dgram";
import { once } from "node:events";

const typeA = 1;

export interface DnsServer extends Disposable {
  /** How often the addresses of a name were asked for. */
  asked(name: string): number;
}

/** `answer` gives the addresses of a name when they are asked for the nth time, counted from 1; undefined: no such name. */
export async function startDnsServer(
  address: string,
  answer: (name: string, nth: number) => readonly string[] | undefined,
): Promise<DnsServer> {
  const counts = new Map<string, number>();
  const socket = createSocket("udp4");
  socket.on("message", (packet, from) => {
    const { name, end } = nameIn(packet);
    const type = packet.readUInt16BE(end);
    if (type === typeA) counts.set(name, (counts.get(name) ?? 0) + 1);
    const found = answer(name, counts.get(name) ?? 1);
    const records = type === typeA ? (found ?? []).map(toRecord) : [];
    const header = Buffer.alloc(12);
    packet.copy(header, 0, 0, 2);
    header.writeUInt16BE(found === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([header, packet.subarray(12, end + 4), ...records]), from.port, from.address);
  });
  socket.bind(53, address);
  await once(socket, "listening");
  return { asked: (name) => counts.get(name) ?? 0, [Symbol.dispose]: () => socket.close() };
}

/** Of the question, in lower case, and where it ends. */
function nameIn(packet: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = packet[at] ?? 0; length > 0; length = packet[at] ?? 0) {
    labels.push(packet.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), end: at + 1 };
}

/** An answer for the name at byte 12. */
function toRecord(address: string): Buffer {
  const head = [0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4];
  return Buffer.from([...head, ...address.split(".").map(Number)]);
}
