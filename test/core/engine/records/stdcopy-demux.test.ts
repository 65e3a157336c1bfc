// The engine's frames, cut everywhere.
import { describe, expect, test } from "bun:test";
import { StdcopyDemux } from "../../../../src/core/engine/records/stdcopy-demux.ts";
import { withRandom } from "../../../helpers/random.ts";

function frame(stream: number, payload: string | Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, Buffer.from(payload)]);
}

/** Whole frames, joined from their pieces, as [stream, text]. */
function demux(chunks: Uint8Array[]) {
  const frames: [number, string][] = [];
  const demuxer = new StdcopyDemux((stream, bytes, begins) => {
    const text = Buffer.from(bytes).toString("latin1");
    const last = frames.at(-1);
    if (begins || last === undefined) frames.push([stream, text]);
    else last[1] += text;
  });
  for (const chunk of chunks) demuxer.push(chunk);
  return { frames, isWhole: demuxer.isWhole };
}

const expected: [number, string][] = [
  [1, "out\n"],
  [2, "err\n"],
  [1, "x".repeat(300)],
  [3, "daemon"],
  [1, "\x01\x00\x00\x00\x00\x00\x00\x04"],
];
const whole = Buffer.concat([
  ...expected.slice(0, 2).map(([stream, text]) => frame(stream, text)),
  frame(1, ""),
  ...expected.slice(2).map(([stream, text]) => frame(stream, Buffer.from(text, "latin1"))),
]);

describe("stdcopy demux", () => {
  test("frames cut in two at any byte are the same frames", () => {
    for (let at = 0; at <= whole.length; at++) {
      expect(demux([whole.subarray(0, at), whole.subarray(at)])).toEqual({ frames: expected, isWhole: true });
    }
  });

  test.each([1, 2, 3, 5, 7, 8, 9, 64])("frames in pieces of %d bytes are the same frames", (size) => {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
      whole.subarray(index * size, (index + 1) * size),
    );
    expect(demux(chunks)).toEqual({ frames: expected, isWhole: true });
  });

  test("an end inside a header or a payload shows", () => {
    for (const length of [3, 8, 10]) expect(demux([whole.subarray(0, length)]).isWhole).toBe(false);
  });

  test("payloads are views of what was pushed, not copies", () => {
    const chunk = frame(1, "text");
    new StdcopyDemux((_stream, bytes) => {
      expect(bytes.buffer).toBe(chunk.buffer);
      expect(bytes.byteOffset).toBe(chunk.byteOffset + 8);
    }).push(chunk);
  });

  test("lengths of more than 2 GiB are not negative", () => {
    const header = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    let bytes = 0;
    const demuxer = new StdcopyDemux((_stream, piece) => {
      bytes += piece.length;
    });
    demuxer.push(header);
    for (let round = 0; round < 3; round++) demuxer.push(new Uint8Array(1000));
    expect(bytes).toBe(3000);
    expect(demuxer.isWhole).toBe(false);
  });

  test.each(["no frames at all", "\x04\0\0\0\0\0\0\x01x", "\x01\0\x01\0\0\0\0\x01x"])(
    "%j is refused",
    (text) => {
      expect(() => demux([Buffer.from(text, "latin1")])).toThrow("out of step");
    },
  );

  test("random cuts of random frames", () =>
    withRandom((random) => {
      const frames: [number, string][] = Array.from({ length: 200 }, () => [
        random.between(1, 2),
        String.fromCharCode(random.between(97, 122)).repeat(random.between(1, 500)),
      ]);
      const bytes = Buffer.concat(frames.map(([stream, text]) => frame(stream, text)));
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; ) {
        const end = at + random.between(1, 700);
        chunks.push(bytes.subarray(at, end));
        at = end;
      }
      expect(demux(chunks)).toEqual({ frames, isWhole: true });
    }));
});
