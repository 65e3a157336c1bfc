// The header that makes a browser save an answer as a file. Names come from tasks and from adopted containers, so
// they may hold anything; what a file's name cannot hold is replaced, and npm's content-disposition writes the rest.
import { create } from "content-disposition";

/** The name without its extension, in UTF-16 units: file systems take 255 bytes. */
const nameMax = 80;
const unfit = /[\p{Control}\p{Format}\p{Surrogate}/\\:*?"<>|]/gu;

/** The value of Content-Disposition for a file of this name. */
export function attachment(name: string, extension: string): string {
  const fit = [...name.replace(unfit, "_")].slice(0, nameMax).join("");
  return create(`${fit}.${extension}`);
}
