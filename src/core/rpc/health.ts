// grpc.health.v1 on the master's server, for probes and load balancers. npm's grpc-health-check is not used: it
// reads its .proto from node_modules when it is imported, where the compiled executable has none.
import { TasklogError } from "../base/errors.ts";
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthService,
  HealthCheckResponse_ServingStatus as Serving,
} from "./gen/grpc/health/v1/health.ts";
import type { GrpcServer } from "./grpc-server.ts";
import { serverStream, unary } from "./server-methods.ts";

export interface Health {
  setServing(serving: boolean): void;
}

/** Answers for `services` and for the server as a whole (the empty name). Serving from the start. */
export function addHealth(server: GrpcServer, services: readonly string[]): Health {
  const known = new Set(["", ...services]);
  let serving = true;
  let changed = Promise.withResolvers<void>();
  const now = () => (serving ? Serving.SERVING : Serving.NOT_SERVING);

  async function* watch(
    { service }: HealthCheckRequest,
    signal: AbortSignal,
  ): AsyncGenerator<HealthCheckResponse> {
    const left = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    while (!signal.aborted) {
      const next = changed.promise;
      yield { status: known.has(service) ? now() : Serving.SERVICE_UNKNOWN };
      await Promise.race([next, left]);
    }
  }

  server.addService(HealthService, {
    check: unary(({ service }: HealthCheckRequest) => {
      if (!known.has(service)) throw new TasklogError("not_found", `there is no service ${service} here`);
      return { status: now() };
    }),
    list: unary(() => ({
      statuses: Object.fromEntries([...known].map((name) => [name, { status: now() }])),
    })),
    watch: serverStream((request: HealthCheckRequest, { signal }) => watch(request, signal)),
  });
  return {
    setServing(value) {
      if (value === serving) return;
      serving = value;
      changed.resolve();
      changed = Promise.withResolvers();
    },
  };
}
