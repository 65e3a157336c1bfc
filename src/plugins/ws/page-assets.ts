// The page as files in memory: what `scripts/build-page.ts` made from page/, embedded in the executable by these imports.
// Names carry a hash of their content, so they may be kept for ever; only the page itself and its icon are asked for again.
import built from "./page/dist/page.json" with { type: "json" };

export interface PageAsset {
  /** MIME type. */
  readonly type: string;
  readonly body: Uint8Array;
  /** True if the content of this name never changes. */
  readonly immutable: boolean;
}

let assets: Map<string, PageAsset> | undefined;

/** Returns the files by path: "/index.html", "/assets/…". The same map at every call. */
export function pageAssets(): Map<string, PageAsset> {
  assets ??= new Map(
    built.map(({ path, type, text, immutable }) => [
      path,
      { type, body: new TextEncoder().encode(text), immutable },
    ]),
  );
  return assets;
}
