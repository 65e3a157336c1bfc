import { expect, test } from "bun:test";
import { engineAddress } from "../../../../src/core/engine/client/engine-address.ts";

test.each(["unix://", "unix:///", "tcp://", "tcp://:2375", "ssh://", "nonsense", "ftp://host"])(
  "%s is no engine's address",
  (host) => {
    expect(() => engineAddress(host, {})).toThrow(`--docker-host is "${host}"`);
    expect(() => engineAddress(undefined, { DOCKER_HOST: host })).toThrow(`DOCKER_HOST is "${host}"`);
  },
);

test.each([
  "unix:///run/docker.sock",
  "unix://docker.sock",
  "tcp://host",
  "tcp://[::1]:2375",
  "ssh://a@host",
])("%s is one, and who named it is known", (host) => {
  expect(engineAddress(host, {})).toMatchObject({ host, namedBy: "--docker-host" });
  expect(engineAddress(host, { DOCKER_HOST: host })).toMatchObject({ host, namedBy: "DOCKER_HOST" });
});
