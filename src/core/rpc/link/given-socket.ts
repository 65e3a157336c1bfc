// Credentials that make a grpc-js client speak over a socket that exists already. grpc-js 1.14 has no public way to
// do that (the server has one: createConnectionInjector); but what "secures" a connection may return another socket
// than the one that was dialled. So grpc-js dials `target`, which must accept and may then close, and the
// dialled connection is dropped in favour of the given one. Works once: a socket that is gone does not come back.
import type { Socket } from "node:net";
import { CallCredentials, ChannelCredentials } from "@grpc/grpc-js";

type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

export class GivenSocketCredentials extends ChannelCredentials {
  readonly #socket: Socket;
  #used = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  override _isSecure(): boolean {
    return false;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(): SecureConnector {
    return {
      connect: async (dialled) => {
        dialled.destroy();
        if (this.#used || this.#socket.destroyed) throw new Error("the connection is gone");
        this.#used = true;
        return { socket: this.#socket, secure: false };
      },
      waitForReady: async () => {},
      getCallCredentials: () => CallCredentials.createEmpty(),
      destroy: () => {},
    };
  }
}
