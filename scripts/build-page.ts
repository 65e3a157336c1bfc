// Builds the page of the ws plugin: page/main.tsx and its styles, bundled and made small, into page/dist/page.json, which
// src/plugins/ws/page-assets.ts imports. One file of text, so that the same import works from source, in tests and in
// the executable. It is written only when it has changed, and put in place by a rename.
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

const page = join(import.meta.dir, "../src/plugins/ws/page");
const out = join(page, "dist/page.json");

const types: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

interface BuiltFile {
  path: string;
  type: string;
  text: string;
  immutable: boolean;
}

/** Bundles the page. Throws with what the bundler said. */
async function bundle(): Promise<BuiltFile[]> {
  const { outputs } = await Bun.build({
    entrypoints: [join(page, "main.tsx"), join(page, "net/feed-worker.ts")],
    target: "browser",
    format: "esm",
    minify: true,
    naming: { entry: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const files: BuiltFile[] = [];
  for (const output of outputs) {
    const name = output.path.replace(/^.*\//, "");
    const type = types[name.slice(name.lastIndexOf("."))];
    if (type === undefined) throw new Error(`the page's build made a file of an unknown kind: ${name}`);
    files.push({ path: `/assets/${name}`, type, text: await output.text(), immutable: true });
  }
  const named = (name: string, end: string) =>
    files.find(({ path }) => path.startsWith(`/assets/${name}-`) && path.endsWith(end))?.path ?? "";
  const html = (await readFile(join(page, "index.html"), "utf8"))
    .replace("{{icon}}", "/assets/icon.svg")
    .replace("{{style}}", named("main", ".css"))
    .replace("{{script}}", named("main", ".js"))
    .replace("{{worker}}", named("feed-worker", ".js"));
  const icon = await readFile(join(page, "icon.svg"), "utf8");
  return [
    { path: "/index.html", type: "text/html; charset=utf-8", text: html, immutable: false },
    { path: "/assets/icon.svg", type: "image/svg+xml", text: icon, immutable: false },
    ...files,
  ];
}

/** Makes page.json fresh. Resolves to its size in bytes. */
export async function buildPage(): Promise<number> {
  const text = JSON.stringify(await bundle());
  if (!existsSync(out) || (await readFile(out, "utf8")) !== text) {
    await mkdir(join(page, "dist"), { recursive: true });
    const fresh = `${out}.${process.pid}`;
    await writeFile(fresh, text);
    await rename(fresh, out);
  }
  return text.length;
}

if (import.meta.main) {
  try {
    console.log(`the page: ${((await buildPage()) / 1000).toFixed(0)} kB`);
  } catch (thrown) {
    console.error(thrown instanceof AggregateError ? thrown.errors.join("\n") : thrown);
    process.exitCode = 1;
  }
}
