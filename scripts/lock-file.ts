// A step of the check: package-lock.json is whole, and holds no address to download from. `npm ci` refuses a lock file
// that leaves out a package somebody asks for, even one that only another platform installs, and an address would tie
// everybody to the registry of whoever wrote it. Deliberately absent: asking a registry anything.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

type Versions = Record<string, string>;

interface Package {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
  readonly peerDependencies?: Versions;
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
}

export interface LockFile {
  /** The key is the folder of a package, as `node_modules/a/node_modules/b`; "" is the project itself. */
  readonly packages: Record<string, Package>;
}

const kinds = ["dependencies", "devDependencies", "optionalDependencies"] as const;

/** Returns one sentence for each fault of the lock file; none if `npm ci` takes it anywhere. */
export function faultsOf(lockFile: LockFile, manifest: Package): string[] {
  const { packages } = lockFile;
  const faults: string[] = [];
  for (const kind of kinds) {
    if (!Bun.deepEquals(packages[""]?.[kind] ?? {}, manifest[kind] ?? {})) {
      faults.push(`the ${kind} are not those of package.json`);
    }
  }
  for (const [folder, entry] of Object.entries(packages)) {
    if (entry.resolved !== undefined) faults.push(`${folder} has an address to download from`);
    if (folder !== "" && entry.integrity === undefined) faults.push(`${folder} has no checksum`);
    for (const [name, range] of Object.entries(wantedBy(entry))) {
      const version = found(packages, folder, name)?.version;
      const asker = folder || "package.json";
      if (range.includes(":")) faults.push(`${asker} takes ${name} from an address`);
      else if (version === undefined) faults.push(`${asker} needs ${name}, which is not listed`);
      else if (!Bun.semver.satisfies(version, range)) {
        faults.push(`${asker} needs ${name} ${range}, but ${version} is listed`);
      }
    }
  }
  return faults;
}

/** Every package that npm lists for this one. An optional peer is listed only if somebody else needs it. */
function wantedBy(entry: Package): Versions {
  const peers = Object.entries(entry.peerDependencies ?? {}).filter(
    ([name]) => entry.peerDependenciesMeta?.[name]?.optional !== true,
  );
  return {
    ...Object.fromEntries(peers),
    ...entry.dependencies,
    ...entry.devDependencies,
    ...entry.optionalDependencies,
  };
}

/** Looks a package up as Node does: in the folder of who needs it, then in each folder above. */
function found(packages: LockFile["packages"], folder: string, name: string): Package | undefined {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const entry = packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`];
    if (entry !== undefined || at === "") return entry;
  }
}

if (import.meta.main) {
  const read = async (name: string) => JSON.parse(await readFile(join(import.meta.dir, "..", name), "utf8"));
  const faults = faultsOf(await read("package-lock.json"), await read("package.json"));
  if (faults.length > 0) {
    console.log(`package-lock.json: ${faults.join("\n  ")}\nWrite it anew: npm install --package-lock-only`);
    process.exitCode = 1;
  }
}
