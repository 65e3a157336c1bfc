export function findSshd(): string | undefined;
export function provideSshd(say: (line: string) => void): void;
