// The panes on the screen, and the one that keys speak to: the last one touched, else the first.
import { signal } from "@preact/signals";
import type { LogPane } from "./log-pane.ts";

const all = signal<readonly LogPane[]>([]);
const touched = signal<LogPane | undefined>(undefined);

export const panes = {
  add(pane: LogPane): void {
    all.value = [...all.peek(), pane];
  },
  remove(pane: LogPane): void {
    all.value = all.peek().filter((other) => other !== pane);
  },
  activate(pane: LogPane): void {
    touched.value = pane;
  },
  get active(): LogPane | undefined {
    const last = touched.value;
    return last !== undefined && all.value.includes(last) ? last : all.value[0];
  },
};
