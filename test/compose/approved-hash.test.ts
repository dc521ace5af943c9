import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composeForms, hashAppCompose, serializeAppCompose } from "../../src/crypto/compose-hash.ts";
import { predictComposeHashes } from "../../src/resolvers/compose/approved-hash.ts";

const present = {
  name: "web",
  docker_compose_file: "services: {}\n",
  pre_launch_script: "#!/bin/sh\n",
  allowed_envs: ["B", "A"],
  manifest_version: 2,
  future_setting: { kept: [1, "two", null] },
};

const toHash = (compose: Record<string, unknown>) =>
  Buffer.from(hashAppCompose(serializeAppCompose(compose, composeForms.indented))).toString("hex");

describe("the predicted compose hash", () => {
  it("is the hash of the present app-compose with the new text in it", () => {
    const docker_compose_file = "services:\n  web:\n    image: nginx\n";
    expect(
      predictComposeHashes(present, toHash(present), { dockerComposeFile: docker_compose_file }),
    ).toEqual([toHash({ ...present, docker_compose_file })]);
  });

  it("omits an empty script, as the REST API does", () => {
    const { pre_launch_script: _, ...without } = present;
    expect(predictComposeHashes(present, toHash(present), { preLaunchScript: "" })).toEqual([
      toHash(without),
    ]);
  });

  it("covers the keys as sent and sorted, because the REST API may store either order", () => {
    const hashes = predictComposeHashes(present, toHash(present), { allowedEnvs: ["Z", "C"] });
    expect(hashes).toEqual([
      toHash({ ...present, allowed_envs: ["Z", "C"] }),
      toHash({ ...present, allowed_envs: ["C", "Z"] }),
    ]);
  });

  it("is null when the present app-compose does not have the present hash", () => {
    const change = { dockerComposeFile: "services: {}\n" };
    expect(predictComposeHashes(present, "00".repeat(32), change)).toBeNull();
    expect(predictComposeHashes(present, null, change)).toBeNull();
    expect(predictComposeHashes({ ...present, huge: 2 ** 60 }, toHash(present), change)).toBeNull();
    expect(predictComposeHashes(present, toHash(present), { dockerComposeFile: "\ud800" })).toBeNull();
  });

  it("differs for every different text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        fc.pre(one !== other);
        const hash = toHash(present);
        const [first] = predictComposeHashes(present, hash, { dockerComposeFile: one }) ?? [];
        const [second] = predictComposeHashes(present, hash, { dockerComposeFile: other }) ?? [];
        expect(first).not.toBe(second);
      }),
    );
  });
});
