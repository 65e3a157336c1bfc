/** Identifies a file under any name, as long as it is open. */
export const fileId = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`;
