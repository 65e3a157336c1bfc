// The keys of the whole page. They speak to the pane that was touched last; while one types, only Ctrl-K counts.
import { panes } from "../state/panes.ts";
import { timeMode, wrap } from "../state/settings.ts";
import { openHelp } from "./help-dialog.tsx";
import { openPalette } from "./palette.tsx";

const nextTime = { absolute: "relative", relative: "none", none: "absolute" } as const;

const actions: Record<string, () => void> = {
  "/": focusSearch,
  n: () => void panes.active?.findStep("next"),
  N: () => void panes.active?.findStep("prev"),
  g: () => panes.active?.toStart(),
  G: () => panes.active?.followEnd(),
  f: () => {
    const pane = panes.active;
    if (pane?.following.peek()) pane.stopFollowing();
    else pane?.followEnd();
  },
  w: () => {
    wrap.value = !wrap.peek();
  },
  t: () => {
    timeMode.value = nextTime[timeMode.peek()];
  },
  "?": openHelp,
  Escape: () => {
    const pane = panes.active;
    if (pane !== undefined) pane.selection.value = undefined;
  },
};

function focusSearch(): void {
  const pane = document.activeElement?.closest(".pane") ?? document.querySelector(".pane");
  const input =
    pane?.querySelector<HTMLInputElement>("[data-find]") ??
    document.querySelector<HTMLInputElement>(".tasks-page [data-task-search], [data-task-search]");
  input?.focus();
  input?.select();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"))
  );
}

/** Returns what ends it. */
export function startKeys(): () => void {
  const pressed = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  const clickedElsewhere = ({ target }: PointerEvent) => {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
      if (target instanceof Node && !menu.contains(target)) menu.open = false;
    }
  };
  addEventListener("keydown", pressed);
  addEventListener("pointerdown", clickedElsewhere);
  return () => {
    removeEventListener("keydown", pressed);
    removeEventListener("pointerdown", clickedElsewhere);
  };
}
