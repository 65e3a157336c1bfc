// The text that a terminal shows of one line when the line has ended. Carriage returns, backspaces and sequences that
// move or erase within the row act as on a terminal, so of a progress bar its last state is left. What leads to other
// rows or changes the terminal does nothing here: a log has no screen, and no text may be lost by it.
import { columnsOf, graphemesOf, isPlain } from "./columns.ts";
import { isColour, partsOf } from "./escapes.ts";
import { plainStyle, styleAfter, type TextStyle } from "./text-style.ts";

export interface StyledText {
  readonly text: string;
  readonly style: TextStyle;
}

/** Moves do not lead further right than this, unless the line is longer: the width that is usual for a terminal. */
const columnsUsual = 80;
const tabColumns = 8;
/** Characters are put in and taken out this often in a line: each time costs as much as the line is long. */
const shiftsMax = 1000;
/** The part at the end of a long overwritten line in which texts are searched, in characters. */
const lengthMax = 64 * 1024;
/** A carriage return counts where more of the line follows it. */
const moves = /\r(?![\r\n]|$)|\x08|\x1b(?:8|\[\d*(?:;\d*)?[CDGJKPX@`])/;
const move = /^\x1b(?:([78])|\[(\d*)(?:;\d*)?([CDGJKPX@`]))$/;
const controls = /[\r\x08\t]/;

/** True if something in the line, or in one of several lines, may be written over: more was printed than is seen. */
export function isOverwritten(text: string): boolean {
  return moves.test(text);
}

/** A carriage return at the end belongs to the newline: lines of Windows, and of terminals. */
export function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x0d) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** The pieces in order; neighbours differ in style. */
export function screenOf(text: string): StyledText[] {
  const line = withoutEnd(text);
  if (!line.includes("\x1b") && !moves.test(line))
    return line === "" ? [] : [{ text: line, style: plainStyle }];
  return moves.test(line) ? new Row().write(lastTexts(line)) : styledParts(line);
}

function lastTexts(line: string): string {
  if (line.length <= lengthMax) return line;
  const end = line.slice(-lengthMax);
  return end.slice(end.indexOf("\r") + 1);
}

/** Nothing moves: the text as it comes. */
function styledParts(line: string): StyledText[] {
  const pieces: StyledText[] = [];
  let style = plainStyle;
  for (const part of partsOf(line)) {
    if (!part.isEscape) add(pieces, part.text, style);
    else if (isColour(part.text)) style = styleAfter(style, part.text);
  }
  return pieces;
}

function add(pieces: StyledText[], text: string, style: TextStyle): void {
  const last = pieces.at(-1);
  if (last?.style === style) pieces[pieces.length - 1] = { text: last.text + text, style };
  else if (text !== "") pieces.push({ text, style });
}

/** One row of a terminal. A wide character has its text in its first column, and none in its second. */
class Row {
  #texts: string[] = [];
  #styles: TextStyle[] = [];
  #column = 0;
  #saved = 0;
  #shifts = 0;
  #style = plainStyle;

  write(line: string): StyledText[] {
    for (const part of partsOf(line)) {
      if (part.isEscape) this.#obey(part.text);
      else this.#print(part.text);
    }
    return this.#pieces();
  }

  #print(text: string): void {
    for (const part of controls.test(text) ? text.split(/([\r\x08\t])/) : [text]) {
      if (part === "\r") this.#column = 0;
      else if (part === "\b") this.#column = Math.max(0, this.#column - 1);
      else if (part === "\t") this.#tab();
      else if (isPlain(part)) this.#putPlain(part);
      else for (const grapheme of graphemesOf(part)) this.#put(grapheme, columnsOf(grapheme));
    }
  }

  /** Puts text of one column a character. */
  #putPlain(text: string): void {
    if (text === "") return;
    this.#free(this.#column, this.#column + text.length);
    for (let i = 0; i < text.length; i++) {
      this.#texts[this.#column + i] = text[i] as string;
      this.#styles[this.#column + i] = this.#style;
    }
    this.#column += text.length;
  }

  #put(text: string, columns: number): void {
    if (columns === 0) {
      const before = Math.max(0, this.#column - 1);
      this.#texts[before] = (this.#texts[before] ?? "") + text;
      this.#styles[before] ??= this.#style;
      return;
    }
    this.#free(this.#column, this.#column + columns);
    for (let i = 0; i < columns; i++) {
      this.#texts[this.#column + i] = i === 0 ? text : "";
      this.#styles[this.#column + i] = this.#style;
    }
    this.#column += columns;
  }

  /**
   * Puts a tab. Behind the end it is written, so that it is copied as a tab; before the end it only moves the cursor.
   */
  #tab(): void {
    const columns = tabColumns - (this.#column % tabColumns);
    if (this.#column >= this.#texts.length) this.#put("\t", columns);
    else this.#column += columns;
  }

  /** Makes [from, to) ready to be written: spaces up to there, and of what is half covered the other half. */
  #free(from: number, to: number): void {
    while (this.#texts.length < from) {
      this.#texts.push(" ");
      this.#styles.push(plainStyle);
    }
    for (const edge of [from, to]) {
      if (this.#texts[edge] !== "") continue;
      for (let at = edge; at < this.#texts.length && this.#texts[at] === ""; at++) this.#texts[at] = " ";
      for (let at = edge - 1; at >= 0; at--) {
        const whole = this.#texts[at] !== "";
        this.#texts[at] = " ";
        if (whole) break;
      }
    }
  }

  #obey(sequence: string): void {
    if (isColour(sequence)) {
      this.#style = styleAfter(this.#style, sequence);
      return;
    }
    const [, saving, number, final] = move.exec(sequence) ?? [];
    if (saving === "7") this.#saved = this.#column;
    else if (saving === "8") this.#column = this.#saved;
    else if (final !== undefined) this.#move(final, number === "" ? undefined : Number(number));
  }

  #move(final: string, number: number | undefined): void {
    const count = Math.max(1, number ?? 1);
    const rightmost = Math.max(columnsUsual, this.#texts.length, this.#column) - 1;
    if (final === "C") this.#column = Math.min(rightmost, this.#column + count);
    else if (final === "D") this.#column = Math.max(0, this.#column - count);
    else if (final === "G" || final === "`") this.#column = Math.min(rightmost, count - 1);
    else if (final === "K" || final === "J") this.#erase(number ?? 0);
    else if (final === "X") this.#blank(this.#column, this.#column + count);
    else this.#shift(final === "P" ? -count : count);
  }

  #erase(what: number): void {
    if (what === 0) {
      if (this.#column >= this.#texts.length) return;
      this.#free(this.#column, this.#column);
      this.#texts.length = this.#column;
      this.#styles.length = this.#column;
    } else if (what === 1) this.#blank(0, this.#column + 1);
    else if (what === 2) {
      this.#texts = [];
      this.#styles = [];
    }
  }

  #blank(from: number, to: number): void {
    const end = Math.min(to, this.#texts.length);
    if (from >= end) return;
    this.#free(from, end);
    this.#texts.fill(" ", from, end);
    this.#styles.fill(plainStyle, from, end);
  }

  /** Takes characters out at the cursor (negative), or puts blanks in. */
  #shift(by: number): void {
    if (this.#column >= this.#texts.length || ++this.#shifts > shiftsMax) return;
    this.#free(this.#column, this.#column - Math.min(0, by));
    if (by < 0) {
      this.#texts.splice(this.#column, -by);
      this.#styles.splice(this.#column, -by);
      return;
    }
    const blanks = Math.min(by, columnsUsual);
    this.#texts.splice(this.#column, 0, ...Array.from({ length: blanks }, () => " "));
    this.#styles.splice(this.#column, 0, ...Array.from({ length: blanks }, () => plainStyle));
  }

  #pieces(): StyledText[] {
    const pieces: StyledText[] = [];
    let from = 0;
    for (let at = 1; at <= this.#texts.length; at++) {
      if (at < this.#texts.length && this.#styles[at] === this.#styles[from]) continue;
      const style = this.#styles[from] ?? plainStyle;
      const text = this.#texts.slice(from, at).join("");
      if (text !== "") pieces.push({ text, style });
      from = at;
    }
    return pieces;
  }
}
