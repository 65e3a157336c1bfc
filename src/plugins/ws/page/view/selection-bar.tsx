// The actions for lines that are selected by their numbers.

import { signal } from "@preact/signals";
import { timeoutSignal } from "../../../../core/base/wait.ts";
import { seenText } from "../../../../core/search/seen-text.ts";
import { noFilter, type Task } from "../model/api-types.ts";
import { count } from "../model/format.ts";
import { downloadUrl, getLines } from "../net/api.ts";
import type { LogPane } from "../state/log-pane.ts";
import { copy, orSay, say } from "../state/notice.ts";
import { IconButton } from "./button.tsx";

/** More lines than this are downloaded, not copied. */
const copyLinesMax = 50_000;
const askLines = 5000;
const busy = signal(false);

export function SelectionBar({ pane, task }: { pane: LogPane; task: Task }) {
  const range = pane.selection.value;
  if (range === undefined) return null;
  const { fromSeq, toSeq } = range;
  const lines = toSeq - fromSeq + 1;
  const text = lines === 1 ? `Line ${count(fromSeq)}` : `Lines ${count(fromSeq)}–${count(toSeq)}`;
  return (
    <fieldset class="selection" aria-label="Selected lines">
      <span>{text}</span>
      <IconButton
        icon="copy"
        text="Copy"
        label="Copy the text of these lines"
        disabled={busy.value}
        onClick={() => void copyLines(task.id, fromSeq, toSeq)}
      />
      <IconButton
        icon="link"
        text="Link"
        label="Copy a link to these lines"
        onClick={() => void copy(location.href, "The link was")}
      />
      <a
        class="button"
        href={downloadUrl(task.id, "text", noFilter, fromSeq, toSeq)}
        download
        aria-label="Download these lines"
      >
        Download
      </a>
      <IconButton
        icon="close"
        label="Clear selection"
        onClick={() => {
          pane.selection.value = undefined;
        }}
      />
    </fieldset>
  );
}

async function copyLines(taskId: string, fromSeq: number, toSeq: number): Promise<void> {
  if (toSeq - fromSeq >= copyLinesMax)
    return say(`More than ${count(copyLinesMax)} lines: download them instead.`, true);
  busy.value = true;
  const texts: string[] = [];
  for (let from = fromSeq; from <= toSeq; ) {
    const range = { from, to: toSeq, limit: askLines };
    const page = await orSay(getLines(taskId, range, noFilter, timeoutSignal(30_000)));
    if (page === undefined) break;
    for (const { text } of page.lines) texts.push(seenText(text));
    const next = Math.max(page.nextSeq, (page.lines.at(-1)?.seq ?? from) + 1);
    if (next <= from) break;
    from = next;
  }
  busy.value = false;
  if (texts.length > 0)
    await copy(`${texts.join("\n")}\n`, `${count(texts.length)} ${texts.length === 1 ? "line" : "lines"}`);
}
