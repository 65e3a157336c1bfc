// The test image as a tar for the engine's import: this host's static busybox, a link for each of its applets, and
// the few folders that programs expect. Written here and not by tar(1), so that nothing touches the disk.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const block = 512;
const ptInterp = 3;
const places = ["/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox"];

/** The tar, or undefined when this host has no statically linked busybox. */
export function busyboxTar() {
  const path = places.find((place) => existsSync(place) && isStatic(readFileSync(place)));
  if (!path) return undefined;
  const applets = spawnSync(path, ["--list"], { encoding: "utf8" }).stdout.split("\n");
  const entries = [
    ...["bin/", "etc/", "root/", "proc/", "sys/", "dev/"].map((name) =>
      entry(name, { type: "5", mode: 0o755 }),
    ),
    entry("tmp/", { type: "5", mode: 0o1777 }),
    entry("etc/passwd", {
      mode: 0o644,
      data: Buffer.from("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
    }),
    entry("etc/group", { mode: 0o644, data: Buffer.from("root:x:0:\nnogroup:x:65534:\n") }),
    entry("bin/busybox", { mode: 0o755, data: readFileSync(path) }),
    ...applets
      .filter((name) => name !== "" && name !== "busybox")
      .map((name) => entry(`bin/${name}`, { type: "2", mode: 0o777, link: "busybox" })),
  ];
  return Buffer.concat([...entries, Buffer.alloc(2 * block)]);
}

/** A 64-bit ELF without an interpreter among its program headers. */
function isStatic(file) {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2) return false;
  const at = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  for (let index = 0; index < file.readUInt16LE(56); index++) {
    if (file.readUInt32LE(at + index * size) === ptInterp) return false;
  }
  return true;
}

/** One ustar entry: header, data, and padding to whole blocks. */
function entry(name, { type = "0", mode, link = "", data = Buffer.alloc(0) }) {
  const header = Buffer.alloc(block);
  const octal = (value, at, length) => header.write(value.toString(8).padStart(length - 1, "0"), at);
  header.write(name, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(data.length, 124, 12);
  octal(0, 136, 12);
  header.write("        ", 148);
  header.write(type, 156);
  header.write(link, 157);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148);
  return Buffer.concat([header, data, Buffer.alloc((block - (data.length % block)) % block)]);
}
