// The page's beginning: starts what lives as long as the page, then draws it.
import { effect } from "@preact/signals";
import { render } from "preact";
import { startTaskFeed } from "./net/task-feed.ts";
import { startClock } from "./state/clock.ts";
import { startRoute } from "./state/route.ts";
import { theme } from "./state/settings.ts";
import "./styles/main.css";
import { App } from "./view/app.tsx";

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
});
startRoute();
startClock();
startTaskFeed();

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
