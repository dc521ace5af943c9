import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composeForms, hashAppCompose, serializeAppCompose } from "../../src/crypto/compose-hash.ts";
import { predictComposeHashes } from "../../src/resolvers/compose/predicted-hash.ts";

const present = {
  name: "web",
  docker_compose_file: "services: {}\n",
  pre_launch_script: "#!/bin/sh\n",
  allowed_envs: ["B", "A"],
  manifest_version: 2,
  future_setting: { kept: [1, "two", null] },
};

type Json = Record<string, unknown>;

const toHash = (text: string) => Buffer.from(hashAppCompose(text)).toString("hex");

describe.each(Object.entries(composeForms))("the predicted compose hash of a %s file", (_, form) => {
  const write = (compose: Json) => serializeAppCompose(compose, form);
  const file = { source: write(present) };
  const hash = toHash(write(present));

  it("is the hash of the present file with the new text in it", () => {
    const docker_compose_file = "services:\n  web:\n    image: nginx\n";
    const changed = toHash(write({ ...present, docker_compose_file }));
    expect(predictComposeHashes(file, hash, { dockerComposeFile: docker_compose_file })).toEqual([changed]);
  });

  it("covers an empty script dropped and kept, because the REST API may do either", () => {
    const { pre_launch_script: _script, ...without } = present;
    const kept = write(present).replace('"#!/bin/sh\\n"', '""');
    expect(predictComposeHashes(file, hash, { preLaunchScript: "" })).toEqual([
      toHash(write(without)),
      toHash(kept),
    ]);
  });

  it("covers the keys as sent and sorted, because the REST API may store either order", () => {
    const hashes = predictComposeHashes(file, hash, { allowedEnvs: ["Z", "C"] });
    expect(hashes).toEqual([
      toHash(write({ ...present, allowed_envs: ["Z", "C"] })),
      toHash(write({ ...present, allowed_envs: ["C", "Z"] })),
    ]);
  });

  it("is null when the present file does not have the present hash", () => {
    const change = { dockerComposeFile: "services: {}\n" };
    expect(predictComposeHashes(file, "00".repeat(32), change)).toBeNull();
    expect(predictComposeHashes(file, null, change)).toBeNull();
    expect(predictComposeHashes(file, hash, { dockerComposeFile: "\ud800" })).toBeNull();
    expect(predictComposeHashes({ source: "[]" }, toHash("[]"), change)).toBeNull();
  });

  it("differs for every different text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        fc.pre(one !== other);
        const [first] = predictComposeHashes(file, hash, { dockerComposeFile: one }) ?? [];
        const [second] = predictComposeHashes(file, hash, { dockerComposeFile: other }) ?? [];
        expect(first).not.toBe(second);
      }),
    );
  });
});
