// bunfig.toml preloads this for every test: one that left something behind has failed.
import { afterEach } from "bun:test";
import { takeLeftovers } from "./leftovers.ts";

afterEach(() => {
  const leftovers = takeLeftovers();
  if (leftovers.length > 0) throw new Error(leftovers.join("\n"));
});
