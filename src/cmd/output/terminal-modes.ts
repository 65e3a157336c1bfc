// What a program has set on a terminal by its escape sequences, and the sequences that set it back. For `--raw`, where
// everything that a task prints reaches the terminal: whoever stops looking gets it back as it was.
// Deliberately absent: what cannot be known, such as the title that the window had; terminals that keep a stack of titles
// get it back from there.

/** Private modes (`ESC [ ? n h`) that are set on a terminal that nobody has touched; all others are not. */
const usuallySet: ReadonlySet<string> = new Set(["7", "8", "25"]);
/** The only other mode (`ESC [ n h`) that is set on an untouched terminal. */
const localEchoMode = "12";
/** A sequence that is not closed is remembered up to this length, in characters. */
const pendingMax = 4096;

const sequences =
  /\x1b(?:\[([0-?]*)([ -/]*)([@-~])|\](\d+)[^\x07\x18\x1a\x1b]*(?:[\x07\x18\x1a]|\x1b\\)|[PX^_k][^\x18\x1a\x1b]*(?:[\x18\x1a]|\x1b\\)|([ -/]+)([0-~])|([0-OQ-WYZ\\`-~]))|[\x0e\x0f]/g;
const openSequence = /\x1b(?:\[[0-?]*[ -/]*|[ -/]*|[\]PX^_k][^\x07\x18\x1a\x1b]*\x1b?)$/;

/** Keeps the title that the window has now, in terminals that can. */
export const keepTitle = "\x1b[22;0t";

export class TerminalModes {
  /** Sequences that set something back, by what they set back. */
  readonly #undo = new Map<string, string>();
  #pending = "";

  /** Text on its way to the terminal, in its order, cut anywhere. */
  take(text: string): void {
    const all = this.#pending + text;
    for (const match of all.matchAll(sequences)) this.#note(match);
    const last = all.lastIndexOf("\x1b");
    // The ESC of a string's end belongs to what comes before it.
    const from = last > 0 && last === all.length - 1 ? all.lastIndexOf("\x1b", last - 1) : last;
    const open =
      from === -1 ? null : (openSequence.exec(all.slice(from)) ?? openSequence.exec(all.slice(last)));
    this.#pending = open === null ? "" : open[0].slice(0, pendingMax);
  }

  /** Empty when there is nothing to set back. What is open is cancelled first. */
  undo(): string {
    if (this.#undo.size === 0 && this.#pending === "") return "";
    const all = [...this.#undo.values()].join("");
    this.#undo.clear();
    this.#pending = "";
    return `\x18${all}\x1b[0m`;
  }

  #note([whole, params, between, final, command, charset, , single]: RegExpExecArray): void {
    if (whole === "\x0e") this.#undo.set("shift", "\x0f");
    else if (whole === "\x0f") this.#undo.delete("shift");
    else if (final !== undefined) this.#noteCsi(params ?? "", between ?? "", final);
    else if (command !== undefined) this.#noteOsc(command);
    else if (charset !== undefined) this.#noteCharset(whole, charset);
    else if (single === "=") this.#undo.set("keypad", "\x1b>");
    else if (single === "c") this.#undo.clear();
    else if (single === ">") this.#undo.delete("keypad");
  }

  #noteCsi(params: string, between: string, final: string): void {
    const isPrivate = params.startsWith("?");
    if ((final === "h" || final === "l") && between === "") {
      for (const mode of (isPrivate ? params.slice(1) : params).split(";"))
        this.#noteMode(isPrivate, mode, final);
    } else if (final === "r" && !isPrivate) this.#undo.set("margins", "\x1b7\x1b[r\x1b8");
    else if (final === "q" && between === " ") this.#undo.set("cursor", "\x1b[0 q");
    else if (final === "u" && params.startsWith(">")) this.#undo.set("keyboard", "\x1b[<99u");
    else if (final === "u" && params.startsWith("=")) this.#undo.set("keyboard-flags", "\x1b[=0u");
    else if (final === "m" && params.startsWith(">"))
      this.#undo.set("keys", `\x1b[>${params.slice(1).split(";")[0]}m`);
    else if (final === "m" && params === "") this.#undo.delete("colour");
    else if (final === "m" && between === "") this.#undo.set("colour", "");
    else if (final === "g") this.#undo.set("tabs", "\x1b[?5W");
    else if (final === "p" && between === "!") this.#undo.clear();
  }

  #noteMode(isPrivate: boolean, mode: string, final: "h" | "l"): void {
    const isUsuallySet = isPrivate ? usuallySet.has(mode) : mode === localEchoMode;
    const key = `${isPrivate ? "?" : ""}${mode}`;
    if ((final === "h") === isUsuallySet) this.#undo.delete(key);
    else this.#undo.set(key, `\x1b[${key}${isUsuallySet ? "h" : "l"}`);
  }

  #noteOsc(command: string): void {
    if (["0", "1", "2"].includes(command)) this.#undo.set("title", "\x1b[23;0t");
    else if (["4", "5", "10", "11", "12", "13", "14", "17", "19"].includes(command)) {
      this.#undo.set(`colour ${command}`, `\x1b]1${command.padStart(2, "0")}\x07`);
    } else if (command === "8") this.#undo.set("link", "\x1b]8;;\x07");
  }

  #noteCharset(whole: string, charset: string): void {
    if (!"()*+".includes(charset)) return;
    if (whole === `\x1b${charset}B`) this.#undo.delete(charset);
    else this.#undo.set(charset, `\x1b${charset}B`);
  }
}
