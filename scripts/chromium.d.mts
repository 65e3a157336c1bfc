export function findChromium(): string | undefined;
export function provideChromium(say: (line: string) => void): void;
