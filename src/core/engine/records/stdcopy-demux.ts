// Takes apart what the engine sends for a container without TTY ("stdcopy"): frames of an 8-byte header (stream,
// three zeros, length as a big-endian uint32) and a payload. Frames come cut anywhere, in the header too. Payloads are
// handed on as they arrive, as views of the received buffer, never joined and never copied: whoever reads lines joins.
// This is ours because docker-modem's demuxStream is quadratic and recursive (24 s for a chunk of 1 MB).

/** The size of a frame's header, in bytes, as the engine API has it: stream, three zeros, length. */
const frameHeaderBytes = 8;
/** Streams of the protocol: 0 stdin, 1 stdout, 2 stderr, 3 an error of the daemon itself. */
const streamNumberMax = 3;

/** `begins`: this is the first piece of its frame; `ends`: the last. */
export type FrameSink = (stream: number, bytes: Uint8Array, begins: boolean, ends: boolean) => void;

export class StdcopyDemux {
  readonly #sink: FrameSink;
  readonly #header = new Uint8Array(frameHeaderBytes);
  #headerFilled = 0;
  #stream = 0;
  /** Payload bytes of the current frame that have not come yet. */
  #missing = 0;
  #begins = true;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** True if the bytes so far end at the end of a frame. */
  get isWhole(): boolean {
    return this.#headerFilled === 0 && this.#missing === 0;
  }

  /** Throws an Error on bytes that cannot be a header: the stream is out of step, or was never framed. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#missing === 0) {
        at = this.#readHeader(chunk, at);
        continue;
      }
      const end = Math.min(chunk.length, at + this.#missing);
      this.#missing -= end - at;
      const begins = this.#begins;
      this.#begins = false;
      this.#sink(this.#stream, chunk.subarray(at, end), begins, this.#missing === 0);
      at = end;
    }
  }

  /** Takes what there is of a header; returns the offset behind it. */
  #readHeader(chunk: Uint8Array, at: number): number {
    if (this.#headerFilled === 0 && chunk.length - at >= frameHeaderBytes) {
      this.#begin(chunk, at);
      return at + frameHeaderBytes;
    }
    const end = Math.min(chunk.length, at + frameHeaderBytes - this.#headerFilled);
    this.#header.set(chunk.subarray(at, end), this.#headerFilled);
    this.#headerFilled += end - at;
    if (this.#headerFilled === frameHeaderBytes) {
      this.#headerFilled = 0;
      this.#begin(this.#header, 0);
    }
    return end;
  }

  #begin(header: Uint8Array, at: number): void {
    const byte = (index: number): number => header[at + index] as number;
    if (byte(0) > streamNumberMax || (byte(1) | byte(2) | byte(3)) !== 0) {
      throw new Error("the engine's output stream is out of step: a frame header was expected");
    }
    this.#stream = byte(0);
    this.#missing = ((byte(4) << 24) | (byte(5) << 16) | (byte(6) << 8) | byte(7)) >>> 0;
    this.#begins = true;
  }
}
