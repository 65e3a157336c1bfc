// Builds the element of one row. Text from a log goes into text nodes only; colours are set on the element's style
// object, which a Content-Security-Policy without inline styles allows.

import { levelOf } from "../../../../core/search/level.ts";
import { seenText } from "../../../../core/search/seen-text.ts";
import type { TextMatcher } from "../../../../core/search/text-matcher.ts";
import { isDark, type Style } from "../model/ansi.ts";
import { visiblePieces } from "../model/control-text.ts";
import { count, plural, sinceStart, timeOfDay } from "../model/format.ts";
import type { Line, Row, RowOrigin } from "../model/line.ts";
import type { TimeChoice } from "../state/settings.ts";
import { linePieces, type Piece } from "./line-pieces.ts";

/** Lines of the stack trace that begins at a line (0: none), whether it is folded; whether the line is inside one. */
export interface RowTrace {
  readonly lines: number;
  readonly folded: boolean;
  readonly inside: boolean;
}

export interface RowLook {
  readonly time: TimeChoice;
  /** The time when the task began, for relative times. */
  readonly startMs: number;
  readonly unfoldJson: boolean;
  readonly find: TextMatcher | undefined;
  /** Lines unfolded by hand, or folded by hand while all JSON is unfolded. */
  readonly toggled: ReadonlySet<string>;
  trace(seq: number): RowTrace;
}

function element(tag: string, className: string, text?: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** The name of a line for what is remembered about it. */
function lineName(seq: number, taskId = ""): string {
  return `${taskId}:${seq}`;
}

export function buildRow(row: Row, look: RowLook): HTMLElement {
  switch (row.kind) {
    case "line":
      return buildLine(row, look);
    case "gap":
      return buildGap(row);
    case "partial": {
      const made = element("div", `row partial${row.stderr ? " stderr" : ""}`);
      made.append(
        element("span", "gutter"),
        textOf(linePieces(row.text, { unfoldJson: false, byHand: false, find: undefined }).pieces),
      );
      return made;
    }
    case "waiting": {
      const made = element("div", "row waiting");
      made.append(element("span", "gutter"), element("span", "text", "\u00a0"));
      return made;
    }
  }
}

function buildGap({
  fromSeq,
  toSeq,
  count: missing,
  reason,
  source,
}: Extract<Row, { kind: "gap" }>): HTMLElement {
  const made = element("div", "row gap");
  made.dataset["seq"] = String(fromSeq);
  const range = fromSeq === toSeq ? count(fromSeq) : `${count(fromSeq)}\u2013${count(toSeq)}`;
  const text = `${plural(missing, "line is", "lines are")} missing here (${range}): ${reason}`;
  made.append(element("span", "gutter"));
  if (source !== undefined) made.append(originOf(source, made));
  made.append(element("span", "text", text));
  return made;
}

/** Shows which of several logs the row is from, and marks the row with it. */
function originOf({ taskId, name, colour }: RowOrigin, row: HTMLElement): HTMLElement {
  row.dataset["task"] = taskId;
  const origin = element("span", `origin source-${colour}`, name);
  origin.title = taskId;
  return origin;
}

const noTrace = { lines: 0, folded: false, inside: false };

function buildLine({ line, source }: Extract<Row, { kind: "line" }>, look: RowLook): HTMLElement {
  const name = lineName(line.seq, source?.taskId);
  const byHand = look.toggled.has(name);
  const level = levelOf(seenText(line.text.length > 2000 ? line.text.slice(0, 2000) : line.text));
  const { lines, folded, inside } = source === undefined ? look.trace(line.seq) : noTrace;
  const { pieces, more, unfolded, note } = linePieces(line.text, {
    unfoldJson: look.unfoldJson,
    byHand,
    find: look.find,
  });

  const made = element("div", "row");
  made.dataset["seq"] = String(line.seq);
  if (line.stderr) made.classList.add("stderr");
  if (level !== undefined) made.classList.add(`level-${level}`);
  if (inside) made.classList.add("inside");
  if (lines > 0) made.classList.add("head");
  const gutter = gutterOf(line, look, source === undefined ? "" : `/tasks/${source.taskId}`);
  made.append(gutter);
  if (source !== undefined) made.append(originOf(source, made));
  const text = textOf(pieces);
  if (more !== undefined) gutter.append(foldButton("unfold", more, name, unfolded));
  if (lines > 0) {
    gutter.append(foldButton("trace", "stack trace", name, !folded));
    if (folded) text.append(element("span", "note", `+ ${plural(lines, "line")}`));
  }
  if (note !== "") text.append(element("span", "note", note));
  if (line.cut) text.append(element("span", "note", "cut: not the whole line"));
  made.append(text);
  return made;
}

function foldButton(action: string, what: string, name: string, open: boolean): HTMLElement {
  const button = element("button", "fold");
  button.setAttribute("type", "button");
  button.setAttribute("aria-expanded", String(open));
  button.setAttribute(
    "aria-label",
    `${open ? "Fold" : "Unfold"} ${what === "overwritten" ? "what was overwritten" : what}`,
  );
  button.tabIndex = -1;
  button.dataset["action"] = action;
  button.dataset["name"] = name;
  return button;
}

/** `page`: the address of the log, where it is not the one that is shown. */
function gutterOf(line: Line, look: RowLook, page: string): HTMLElement {
  const gutter = element("span", "gutter");
  const number = element("a", "number", String(line.seq)) as HTMLAnchorElement;
  number.href = `${page}#L${line.seq}`;
  number.tabIndex = -1;
  gutter.append(number);
  if (look.time !== "none") {
    const text = look.time === "absolute" ? timeOfDay(line.time) : sinceStart(line.time, look.startMs);
    const time = element("time", "time", text);
    time.setAttribute("datetime", line.time);
    time.title = line.time;
    gutter.append(time);
  }
  const mark = element("span", "stream");
  if (line.stderr) {
    mark.textContent = "E";
    mark.title = "stderr";
  }
  gutter.append(mark);
  return gutter;
}

function textOf(pieces: readonly Piece[]): HTMLElement {
  const text = element("span", "text");
  for (const { text: part, style, mark, match } of pieces) {
    const plain = style === undefined && mark === "" && !match;
    const target = plain ? text : element(match ? "mark" : "span", mark);
    for (const { text: shown, control } of visiblePieces(part)) {
      target.append(control ? element("span", "control", shown) : shown);
    }
    if (plain) continue;
    if (style !== undefined) {
      paint(target, style);
      for (const word of style.marks) target.classList.add(`ansi-${word}`);
    }
    text.append(target);
  }
  return text;
}

function paint(target: HTMLElement, { colour, background }: Style): void {
  if (typeof colour === "number") target.classList.add(`fore-${colour}`);
  else if (colour === "reverse") target.classList.add("fore-reverse");
  else if (colour !== undefined && background === undefined) {
    // Colours that a task picked itself are kept readable on this page's ground, by style.
    target.classList.add("ink");
    target.style.setProperty("--ink", colour);
  } else if (colour !== undefined) target.style.color = colour;
  if (typeof background === "number") target.classList.add(`back-${background}`);
  else if (background === "reverse") target.classList.add("back-reverse");
  else if (background !== undefined) {
    target.style.backgroundColor = background;
    if (colour === undefined) target.classList.add(isDark(background) ? "on-dark" : "on-light");
  }
}
