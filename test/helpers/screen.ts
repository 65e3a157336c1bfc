// What a terminal shows after some output: enough of one for what tasklog writes (text, carriage return, newline, cursor
// up, erase to the end or the line, colours). Rows that have scrolled off are kept.

/** The rows, without trailing blanks and without blank rows at the end. */
export function screenOf(raw: string, columns: number): string[] {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  const rowAt = (index: number): string[] => (rows[index] ??= []);
  for (const [token] of raw.matchAll(/\x1b\[[0-9;?]*[A-Za-z]|[\s\S]/gu)) {
    if (token === "\r") column = 0;
    else if (token === "\n") rowAt(++row);
    else if (token.startsWith("\x1b[")) {
      const count = Number(token.slice(2, -1) || 0);
      if (token.endsWith("A")) row = Math.max(0, row - Math.max(1, count));
      else if (token.endsWith("K")) rowAt(row).length = count === 2 ? 0 : Math.min(column, rowAt(row).length);
      else if (token.endsWith("J")) {
        rowAt(row).length = Math.min(column, rowAt(row).length);
        rows.length = row + 1;
      } else if (!/[mhl]$/.test(token)) throw new Error(`the screen does not know ${JSON.stringify(token)}`);
    } else {
      if (column >= columns) {
        row++;
        column = 0;
      }
      const cells = rowAt(row);
      while (cells.length < column) cells.push(" ");
      cells[column++] = token;
    }
  }
  const text = rows.map((cells) => cells.join("").trimEnd());
  while (text.at(-1) === "") text.pop();
  return text;
}
