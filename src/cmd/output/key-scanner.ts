// Tells keys from what a terminal says by itself. A terminal answers queries, and reports pastes, the mouse and its
// focus, on the same stream that keys come on, always as escape sequences (ECMA-48, and xterm's). So a key is a byte that
// is no part of one. The arrows and the like are sequences, too, and are no keys here.

export type Key = "key" | "interrupt";

const ctrlCByte = 0x03;
const bellByte = 0x07;
const cancelByte = 0x18;
const escapeByte = 0x1b;
/** The number of bytes of an old mouse report behind `ESC [ M`; they may be of any kind. */
const mouseBytes = 3;

type State = "ground" | "escape" | "csi" | "string" | "string-escape" | "single" | "mouse";

export class KeyScanner {
  #state: State = "ground";
  #mouseLeft = 0;
  #isFirst = false;

  /** True behind an ESC that nothing has followed yet: the key of that name, or the beginning of a sequence. */
  get isAtEscape(): boolean {
    return this.#state === "escape";
  }

  /** Gives up what was begun: it is no sequence after all, or one that will not end. */
  reset(): void {
    this.#state = "ground";
  }

  /** The first key among these bytes; Ctrl-C counts anywhere, so that one can always leave. */
  take(bytes: Uint8Array): Key | undefined {
    for (const byte of bytes) {
      if (byte === ctrlCByte) return "interrupt";
      if (this.#state === "ground" && byte !== escapeByte) return "key";
      this.#step(byte);
    }
    return undefined;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "ground":
        this.#state = "escape";
        return;
      case "escape":
        this.#state = behindEscape(byte);
        this.#isFirst = true;
        return;
      case "csi":
        if (byte === escapeByte) this.#state = "escape";
        else if (this.#isFirst && byte === 0x4d) this.#beginMouse();
        else if (byte >= 0x40 && byte <= 0x7e) this.#state = "ground";
        this.#isFirst = false;
        return;
      case "string":
        if (byte === bellByte || byte === cancelByte) this.#state = "ground";
        else if (byte === escapeByte) this.#state = "string-escape";
        return;
      case "string-escape": // `\` ends the string; anything else begins a sequence of its own.
        this.#state = byte === 0x5c ? "ground" : behindEscape(byte);
        return;
      case "single":
        this.#state = byte === escapeByte ? "escape" : "ground";
        return;
      case "mouse":
        this.#mouseLeft -= 1;
        if (this.#mouseLeft === 0) this.#state = "ground";
    }
  }

  #beginMouse(): void {
    this.#state = "mouse";
    this.#mouseLeft = mouseBytes;
  }
}

function behindEscape(byte: number): State {
  const character = String.fromCharCode(byte);
  if (character === "[") return "csi";
  if ("]PX^_".includes(character)) return "string";
  if (character === "O" || character === "N") return "single";
  return byte === escapeByte ? "escape" : "ground";
}
