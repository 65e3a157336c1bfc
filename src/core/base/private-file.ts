// A file that nobody else on this host may read, such as a database with the values of variables in it.
import { chmodSync, closeSync, existsSync, openSync } from "node:fs";

const privateMode = 0o600;

/**
 * Makes `path` if it is not there, and takes the rights of others from it, and from what SQLite keeps beside it.
 * @throws the error of the file system
 */
export function keepPrivate(path: string): void {
  closeSync(openSync(path, "a", privateMode));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, privateMode);
}
