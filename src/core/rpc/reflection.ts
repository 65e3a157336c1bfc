// gRPC reflection, so that grpcurl and its like know tasklog's calls without a .proto at hand. Answers from the
// descriptors that are built in. npm's @grpc/reflection is not used: it reads its .proto from node_modules when a
// server starts, where the compiled executable has none. There are no extensions in proto/ to ask for.

import {
  createFileRegistry,
  type DescFile,
  type FileRegistry,
  fromBinary,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type handleBidiStreamingCall, status } from "@grpc/grpc-js";
import { writesInFlightMax } from "../base/limits.ts";
import { descriptors } from "./gen/descriptors.ts";
import {
  type ServerReflectionRequest as Request,
  type ServerReflectionResponse as Response,
  ServerReflectionService,
} from "./gen/grpc/reflection/v1/reflection.ts";
import type { GrpcServer } from "./grpc-server.ts";

/** Lists and describes `services`, and describes whatever they are made of. */
export function addReflection(server: GrpcServer, services: readonly string[]): void {
  let registry: FileRegistry | undefined;
  const serve: handleBidiStreamingCall<Request, Response> = (call) => {
    // Answers are a hundred times the size of questions: no more is read than the client takes.
    let inFlight = 0;
    call.on("data", (request: Request) => {
      registry ??= loadRegistry();
      const messageResponse = answer(request, registry, services);
      if (++inFlight >= writesInFlightMax) call.pause();
      call.write({ validHost: request.host, originalRequest: request, messageResponse }, () => {
        if (--inFlight < writesInFlightMax) call.resume();
      });
    });
    call.on("end", () => call.end());
  };
  // Older tools ask for v1alpha, which differs from v1 in its name only.
  const { serverReflectionInfo } = ServerReflectionService;
  const alpha = { ...serverReflectionInfo, path: serverReflectionInfo.path.replace(".v1.", ".v1alpha.") };
  server.addService(ServerReflectionService, { serverReflectionInfo: serve });
  server.addService({ serverReflectionInfo: alpha }, { serverReflectionInfo: serve });
}

/** Read when first asked for: few masters ever are. */
function loadRegistry(): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(descriptors, "base64")));
}

function answer(
  { messageRequest: request }: Request,
  registry: FileRegistry,
  services: readonly string[],
): Response["messageResponse"] {
  switch (request?.$case) {
    case "listServices":
      return { $case: "listServicesResponse", value: { service: services.map((name) => ({ name })) } };
    case "fileByFilename":
      return described(registry.getFile(request.value), request.value);
    case "fileContainingSymbol":
      return described(fileOf(registry, request.value), request.value);
    default:
      return failure(status.UNIMPLEMENTED, "tasklog has no extensions");
  }
}

/** The file that declares a type or service, or a method or field of one. */
function fileOf(registry: FileRegistry, symbol: string): DescFile | undefined {
  const owner = symbol.slice(0, Math.max(0, symbol.lastIndexOf(".")));
  return (registry.get(symbol) ?? registry.get(owner))?.file;
}

/** The file and all that it imports. */
function described(file: DescFile | undefined, asked: string): Response["messageResponse"] {
  if (file === undefined) return failure(status.NOT_FOUND, `there is no ${asked} here`);
  const files = new Set([file]);
  for (const each of files) for (const needed of each.dependencies) files.add(needed);
  const fileDescriptorProto = [...files].map((each) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, each.proto)),
  );
  return { $case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function failure(errorCode: number, errorMessage: string): Response["messageResponse"] {
  return { $case: "errorResponse", value: { errorCode, errorMessage } };
}
