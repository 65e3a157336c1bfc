// One pane: head, tools, the lines, and what is said about them. The lines themselves are drawn by the viewport.
import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Task } from "../model/api-types.ts";
import { isFinal } from "../model/api-types.ts";
import { fromHash, toHash } from "../model/line-link.ts";
import { sourceColour } from "../model/source-colour.ts";
import { titleOf } from "../model/task-query.ts";
import { LogPane } from "../state/log-pane.ts";
import { panes } from "../state/panes.ts";
import { go, route, setHash } from "../state/route.ts";
import { stripShown, wrap } from "../state/settings.ts";
import { DensityStrip } from "./density-strip.tsx";
import { FollowPill } from "./follow-pill.tsx";
import { LogState } from "./log-state.tsx";
import { PaneHead } from "./pane-head.tsx";
import { PaneTools } from "./pane-tools.tsx";
import { SelectionBar } from "./selection-bar.tsx";

/** A shorter log needs no picture of itself. */
const stripLinesMin = 100;

export function LogPaneView({ tasks }: { tasks: Task[] }) {
  const ids = tasks.map(({ id }) => id).join();
  const alone = route.value.ids.length === 1;
  const pane = useMemo(() => {
    const origins = tasks.map((task) => ({
      taskId: task.id,
      name: titleOf(task),
      colour: sourceColour(task.id),
    }));
    return new LogPane(origins, route.peek().filter, alone ? fromHash(location.hash) : undefined);
  }, [ids]);
  const first = tasks[0] as Task;
  pane.rows.startMs = first.startedMs || first.createdMs;

  useEffect(() => {
    panes.add(pane);
    return () => {
      panes.remove(pane);
      pane.close();
    };
  }, [pane]);
  useEffect(() => {
    if (!isFinal(first.status)) for (const log of pane.logs) log.reopen();
  }, [first.status]);
  const filter = JSON.stringify(route.value.filter);
  const filtered = useRef(filter);
  useEffect(() => {
    if (filtered.current === filter) return;
    filtered.current = filter;
    pane.filter(route.peek().filter);
  }, [filter]);
  useHashLink(pane, alone);
  const isLong = useComputed(() => pane.log.end.value > stripLinesMin);

  return (
    <section
      class="pane"
      aria-label={`Log of ${tasks.map(titleOf).join(", ")}`}
      onFocusIn={() => panes.activate(pane)}
      onPointerDown={() => panes.activate(pane)}
    >
      <PaneHead tasks={tasks} pane={pane} />
      <PaneTools pane={pane} task={first} />
      {stripShown.value && !pane.merged && isLong.value && <DensityStrip pane={pane} task={first} />}
      <div class="lines-place">
        <Lines pane={pane} label={tasks.map(titleOf).join(", ")} />
        <LogState pane={pane} task={first} />
        <FollowPill pane={pane} />
        {!pane.merged && <SelectionBar pane={pane} task={first} />}
      </div>
    </section>
  );
}

/** The address names the selected lines, and lines that the address comes to name are gone to. */
function useHashLink(pane: LogPane, alone: boolean): void {
  const hash = useComputed(() => toHash(pane.selection.value));
  useEffect(() => {
    if (alone) setHash(hash.value);
  }, [hash.value, alone]);
  useEffect(() => {
    if (!alone) return;
    const changed = () => {
      const range = fromHash(location.hash);
      if (range === undefined || toHash(range) === hash.peek()) return;
      pane.selection.value = range;
      pane.reveal(range.fromSeq);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, [pane, alone]);
}

function Lines({ pane, label }: { pane: LogPane; label: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const spacer = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (scroller.current && spacer.current && layer.current && rows.current) {
      pane.mount({
        scroller: scroller.current,
        spacer: spacer.current,
        layer: layer.current,
        rows: rows.current,
      });
    }
  }, [pane]);
  const clicked = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const fold = target.closest<HTMLElement>(".fold");
    const number = target.closest(".number");
    if (fold !== null) pane.toggle(fold.dataset["action"] ?? "", fold.dataset["name"] ?? "");
    else if (number !== null && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const seq = Number(number.textContent);
      const task = number.closest<HTMLElement>(".row")?.dataset["task"];
      if (task === undefined) pane.select(seq, event.shiftKey);
      else go({ ids: [task] }, { hash: `#L${seq}` });
    }
  };
  return (
    // The keys of the whole page are in keys.ts; a click here only picks what lies under the pointer.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      ref={scroller}
      class={wrap.value ? "lines wrapped" : "lines"}
      role="log"
      aria-live="off"
      aria-label={`Lines of ${label}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      onClick={clicked}
    >
      <div ref={spacer} class="spacer">
        <div ref={layer} class="layer">
          <div ref={rows} class="rows" />
        </div>
      </div>
    </div>
  );
}
