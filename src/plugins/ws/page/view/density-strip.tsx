// Lines and errors over time, to see where something happened and go there. Drawn on a canvas; for the keyboard and a
// screen reader it is a slider over time.

import { effect, signal, useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { startTimer, type Timer } from "../../../../core/base/wait.ts";
import type { Bucket, Task } from "../model/api-types.ts";
import { dateTime, plural } from "../model/format.ts";
import { getDensity } from "../net/api.ts";
import type { LogPane } from "../state/log-pane.ts";
import { theme } from "../state/settings.ts";

/** A growing log is asked for anew this often, in ms; a longer one more seldom. */
const refreshMs = 5000;
const bucketPx = 5;

export function DensityStrip({ pane, task }: { pane: LogPane; task: Task }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const buckets = useMemo(() => signal<Bucket[]>([]), [task.id]);
  const hover = useMemo(() => signal<number | undefined>(undefined), [task.id]);
  // The first and the last of what is on the screen, which changes with every frame while these do not.
  const from = useComputed(() => {
    const first = pane.visible.value?.fromSeq ?? Number.POSITIVE_INFINITY;
    return buckets.value.findIndex(({ toSeq }) => toSeq >= first);
  });
  const to = useComputed(() => {
    const last = pane.visible.value?.toSeq ?? 0;
    return buckets.value.findLastIndex(({ fromSeq }) => fromSeq <= last);
  });
  useEffect(() => keepFresh(pane, task.id, canvas.current?.clientWidth ?? 600, buckets), [pane]);
  useEffect(() => {
    const draw = () =>
      canvas.current && paint(canvas.current, buckets.peek(), [from.peek(), to.peek()], hover.peek());
    const sizes = new ResizeObserver(draw);
    if (canvas.current) sizes.observe(canvas.current);
    const stop = effect(() => {
      void [buckets.value, from.value, to.value, hover.value, theme.value];
      draw();
    });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      stop();
      sizes.disconnect();
      dark.removeEventListener("change", draw);
    };
  }, [pane]);

  const list = buckets.value;
  const at = Math.max(0, from.value);
  const indexOf = ({ clientX }: MouseEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined || list.length === 0) return undefined;
    return Math.min(
      list.length - 1,
      Math.max(0, Math.floor(((clientX - box.left) / box.width) * list.length)),
    );
  };
  const jump = (index: number | undefined) => {
    const bucket = index === undefined ? undefined : list[index];
    if (bucket !== undefined) pane.reveal(bucket.fromSeq);
  };
  const keyed = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    jump(Math.min(list.length - 1, Math.max(0, at + step)));
  };
  return (
    <div
      class="strip"
      role="slider"
      tabIndex={0}
      aria-label="Place in time"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, list.length - 1)}
      aria-valuenow={at}
      aria-valuetext={list[at] === undefined ? "nothing yet" : textOf(list[at] as Bucket)}
      title={textOf(list[hover.value ?? -1])}
      onKeyDown={keyed}
      onClick={(event) => jump(indexOf(event))}
      onPointerMove={(event) => {
        hover.value = indexOf(event);
      }}
      onPointerLeave={() => {
        hover.value = undefined;
      }}
    >
      <canvas ref={canvas} />
    </div>
  );
}

function textOf(bucket: Bucket | undefined): string {
  if (bucket === undefined) return "";
  const errors = bucket.errors > 0 ? `, ${plural(bucket.errors, "error")}` : "";
  return `${dateTime(bucket.timeMs)}: ${plural(bucket.lines, "line")}${errors}`;
}

/** Asks now, and again while the log grows. Returns what ends it. */
function keepFresh(pane: LogPane, taskId: string, width: number, buckets: { value: Bucket[] }): () => void {
  const gone = new AbortController();
  let [asked, waitMs] = [-1, refreshMs];
  let timer: Timer | undefined;
  const ask = async () => {
    const { nextSeq } = pane.log;
    if (nextSeq !== asked && nextSeq > 1 && document.visibilityState === "visible") {
      asked = nextSeq;
      const beganMs = performance.now();
      const wanted = Math.max(40, Math.min(400, Math.floor(width / bucketPx)));
      const fresh = await getDensity(taskId, wanted, gone.signal).catch(() => undefined);
      if (fresh !== undefined) buckets.value = fresh;
      waitMs = Math.max(refreshMs, (performance.now() - beganMs) * 20);
    }
    if (!gone.signal.aborted) timer = startTimer(() => void ask(), asked < 0 ? 300 : waitMs);
  };
  void ask();
  return () => {
    gone.abort();
    timer?.stop();
  };
}

function paint(
  canvas: HTMLCanvasElement,
  buckets: Bucket[],
  [from, to]: [from: number, to: number],
  hover: number | undefined,
) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  if (context === null || buckets.length === 0) return;
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name);
  const most = Math.max(1, ...buckets.map(({ lines }) => lines));
  const step = width / buckets.length;
  // The square root keeps a quiet hour visible beside a burst.
  const tall = (n: number) => (n === 0 ? 0 : Math.max(1.5, Math.sqrt(n / most) * (height - 4)));
  buckets.forEach(({ lines, errors }, i) => {
    const inView = lines > 0 && from >= 0 && i >= from && i <= to;
    if (inView || i === hover) {
      context.fillStyle = colour("--strip-seen");
      context.fillRect(i * step, 0, Math.max(2, step), height);
    }
    context.fillStyle = colour("--strip-lines");
    context.fillRect(i * step, height - tall(lines), Math.max(1, step - 1), tall(lines));
    if (errors === 0) return;
    const part = Math.max(3, tall(lines) * Math.min(1, errors / lines));
    context.fillStyle = colour("--strip-errors");
    context.fillRect(i * step, height - part, Math.max(1, step - 1), part);
  });
}
