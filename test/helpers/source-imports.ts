// Who imports whom in src/, and what is wrong with that by the rules of ARCHITECTURE.md. It reads text, so that type
// imports count: they are arrows, too.
import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

const root = join(import.meta.dir, "../..");

/** The text of each file of src/, .ts and .tsx, by its path under src/; generated code is left out. */
export type Sources = ReadonlyMap<string, string>;

/** What may import what. A room is a folder or a file under src/; a file belongs to the longest room that fits it. */
export interface ImportRules {
  /** The rooms that each room may import beside itself. */
  readonly rooms: ReadonlyMap<string, readonly string[]>;
  /** The rooms that may import each package. */
  readonly packages: ReadonlyMap<string, readonly string[]>;
}

export async function readSources(): Promise<Sources> {
  const paths = [...new Bun.Glob("src/**/*.{ts,tsx}").scanSync({ cwd: root })].sort();
  const own = paths.filter((path) => !path.includes("/gen/"));
  const texts = await Promise.all(own.map((path) => readFile(join(root, path), "utf8")));
  return new Map(own.map((path, index) => [path.slice("src/".length), texts[index] ?? ""]));
}

/** Reads the two tables of ARCHITECTURE.md, "what a room may import" and "where a package may be imported". */
export async function readImportRules(): Promise<ImportRules> {
  const text = await readFile(join(root, "ARCHITECTURE.md"), "utf8");
  return {
    rooms: tableBelow(text, "| room | may import |"),
    packages: tableBelow(text, "| package | may be imported in |"),
  };
}

function tableBelow(text: string, head: string): Map<string, string[]> {
  const [, rest = ""] = text.split(`${head}\n|---|---|\n`);
  const rows = (/^(?:\|.*\n)*/.exec(rest)?.[0] ?? "").trim().split("\n");
  const namesIn = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  return new Map(
    rows.flatMap((row) => {
      const [, left, right] = row.split("|");
      return namesIn(left).map((name): [string, string[]] => [name, namesIn(right)]);
    }),
  );
}

const typeImport = /^(?:import|export) type\b[\w\s{},*$]*?\bfrom\s*["'][^"']+["']/gm;
const staticImport = /^(?:import|export)\b(?:[\w\s{},*$]*?\bfrom)?\s*["']([^"']+)["']/gm;
const importCall = /\bimport\(\s*["'`]([^"'`]+)["'`]/g;
const threadFile = /\bnew URL\(\s*["'`](\.[^"'`]+\.tsx?)["'`]/g;

/** What each text was found to import: the rules are asked many times for the same files. */
const known = new Map<string, { source: string; imports: string[] }>();

/** Returns what a file imports: our own files as paths under src/, packages by their name. */
export function importsOf(path: string, source: string): string[] {
  const seen = known.get(path);
  if (seen?.source === source) return seen.imports;
  const found = [staticImport, importCall, threadFile].flatMap((form) => [...source.matchAll(form)]);
  const imports = found.map(([, name = ""]) =>
    name.startsWith(".")
      ? normalize(join(dirname(path), name))
      : name.replace(/^((?:@[^/]+\/)?[^/]+).*/, "$1"),
  );
  known.set(path, { source, imports });
  return imports;
}

/** Rule 1: a room imports only the rooms of its row. */
export function forbiddenArrows(sources: Sources, { rooms }: ImportRules): string[] {
  return eachImport(sources).flatMap(([path, imported]) => {
    if (isPackage(imported)) return [];
    const [from, to] = [roomOf(path, rooms), roomOf(imported, rooms)];
    if (from === undefined) return [broken(1, `${path} is in no room of the table`)];
    if (to === from || rooms.get(from)?.includes(to ?? imported)) return [];
    return [broken(1, `${from} may not import ${to ?? imported}: ${path} -> ${imported}`)];
  });
}

/**
 * Rule 1, the other way round: what the table allows is there, so that the table stays the truth. The rows of plugins
 * are left out: they say what any plugin may import.
 */
export function unusedArrows(sources: Sources, { rooms }: ImportRules): string[] {
  const used = new Set(
    eachImport(sources).map(
      ([path, imported]) => `${roomOf(path, rooms)} -> ${roomOf(imported, rooms) ?? imported}`,
    ),
  );
  const own = [...rooms].filter(([room]) => !room.startsWith("plugins/"));
  return own.flatMap(([from, allowed]) =>
    allowed
      .filter((to) => !used.has(`${from} -> ${to}`))
      .map((to) => broken(1, `${from} imports nothing of ${to} any more: take the arrow out of the table`)),
  );
}

/** Rule 2: no circle of files. Each is told once, by one way around it. */
export function circlesOfFiles(sources: Sources): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string): void => {
    const at = way.indexOf(path);
    if (at !== -1) found.push(broken(2, [...way.slice(at), path].join(" -> ")));
    if (at !== -1 || done.has(path)) return;
    way.push(path);
    for (const imported of importsOf(path, sources.get(path) ?? ""))
      if (sources.has(imported)) visit(imported);
    way.pop();
    done.add(path);
  };
  for (const path of sources.keys()) visit(path);
  return found;
}

/** Rule 3: a package is imported where its row says. */
export function strayPackages(sources: Sources, { rooms, packages }: ImportRules): string[] {
  return eachImport(sources).flatMap(([path, imported]) => {
    if (!isPackage(imported)) return [];
    const name = /^(?:node|bun):/.test(imported) ? "node:*" : imported;
    const allowed = packages.get(name) ?? [];
    const room = roomOf(path, rooms) ?? "";
    if (allowed.includes(room) || (allowed.includes("*") && !runsInBrowser(room))) return [];
    return [broken(3, `${imported} is for ${allowed.join(", ") || "no room of the table"}: ${path}`)];
  });
}

/** Rule 4: of core/log a plugin takes the words of a log, and not what keeps or sends one. */
export function pluginsInTheLog(sources: Sources): string[] {
  const words = /^core\/log\/(?:line-batch|log-item|seq-cursor|shared-by-batch)\.ts$/;
  return eachImport(sources)
    .filter(([path, imported]) => path.startsWith("plugins/") && imported.startsWith("core/log/"))
    .filter(([, imported]) => !words.test(imported))
    .map(([path, imported]) => broken(4, `${path} -> ${imported}`));
}

/** Rule 5: only main.ts touches argv, signals and the exit code. */
export function processOwners(sources: Sources): string[] {
  const touches = /\bprocess\s*\.\s*(?:argv|exitCode|exit\(|abort\(|(?:on|once)\(\s*"SIG)/;
  return [...sources]
    .filter(([path, source]) => path !== "main.ts" && touches.test(source))
    .map(([path]) => broken(5, path));
}

/** Rule 6: what the page loads, however far down, runs in a browser. Type imports load nothing. */
export function serverInTheBrowser(sources: Sources): string[] {
  const found: string[] = [];
  const loaded = new Set([...sources.keys()].filter((path) => path.startsWith("plugins/ws/page/")));
  for (const path of loaded) {
    const loads = importsOf(`${path} `, (sources.get(path) ?? "").replace(typeImport, ""));
    for (const imported of loads) {
      const isServer = /^plugins\/(?!ws\/page\/)/.test(imported) || /^(?:node|bun)\b/.test(imported);
      if (isServer) found.push(broken(6, `${path} -> ${imported}`));
      else if (sources.has(imported)) loaded.add(imported);
    }
  }
  return found;
}

/** Our own files other than code (the page's JSON, package.json) count as files, too. */
function isPackage(imported: string): boolean {
  return /^[a-z@][^/]*(?:\/[^/.]+)?$/.test(imported) && !/\.(?:tsx?|json)$/.test(imported);
}

function runsInBrowser(room: string): boolean {
  return room === "plugins/ws/page";
}

function roomOf(path: string, rooms: ImportRules["rooms"]): string | undefined {
  return [...rooms.keys()]
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((one, other) => other.length - one.length)[0];
}

function eachImport(sources: Sources): [path: string, imported: string][] {
  return [...sources].flatMap(([path, source]) =>
    importsOf(path, source).map((imported): [string, string] => [path, imported]),
  );
}

function broken(rule: number, what: string): string {
  return `ARCHITECTURE.md, import rule ${rule} is broken: ${what}`;
}
