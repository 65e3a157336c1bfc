// process.stdout and process.stderr for packages and plugins that ask for them. The runtime's own make what we share with other
// programs non-blocking as soon as somebody looks at them (`debug`, which dockerode loads, asks for a descriptor).
import { Writable } from "node:stream";
import { isatty } from "node:tty";
import { createOwnOutput } from "../../core/base/own-output.ts";

/**
 * Replaces the standard streams; call it before any other module that writes is loaded. Terminals keep the runtime's
 * streams, which open them anew.
 */
export function replaceStandardStreams(): void {
  if (process.platform === "win32") return;
  // Assigned, not defined: Bun 1.4.5 makes its own stream first when the property is defined, deleted or described.
  const streams: { stdout: unknown; stderr: unknown } = process;
  if (!isatty(1)) streams.stdout = createStream(1);
  if (!isatty(2)) streams.stderr = createStream(2);
}

function createStream(fd: 1 | 2): Writable {
  const write = createOwnOutput(fd);
  const stream = new Writable({
    write(bytes: Buffer, _encoding, done) {
      write(bytes).then(() => done(), done);
    },
  });
  // Nobody reads any more: whoever wrote has no other listener, and the process would end.
  stream.on("error", () => {});
  return Object.assign(stream, { fd, isTTY: false });
}
