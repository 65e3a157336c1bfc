export declare const testImage: string;
export declare function findEngine(): Promise<string | undefined>;
export declare function answers(host: string): Promise<boolean>;
export declare function ask(
  host: string,
  method: string,
  path: string,
  body?: Uint8Array,
  timeoutMs?: number,
): Promise<{ status: number; text: string }>;
export declare function importBusybox(host: string, image?: string): Promise<void>;
export declare function installEngine(): void;
export declare function installPackages(missing: string[]): void;
export interface PrivateEngine {
  /** DOCKER_HOST form. */
  readonly host: string;
  readonly dir: string;
  readonly pid: number;
  kill(): Promise<void>;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
export declare function startPrivateEngine(options?: { args?: string[] }): Promise<PrivateEngine>;
