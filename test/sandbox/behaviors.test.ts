import * as sdk from "@phala/cloud";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestSandbox } from "../support/sandbox-client.ts";

const NEWEST = { "x-phala-version": "2026-06-23" };

describe("a CVM whose old endpoints are gone", () => {
  const requests = [
    ["PATCH", "resources", { vcpu: 2 }],
    ["PATCH", "visibility", { public_logs: false, public_sysinfo: true }],
    ["GET", "composition", undefined],
    ["GET", "compose", undefined],
  ] as const;

  test.each([
    ["gone-404", 404],
    ["gone-405", 405],
  ])(
    "answers them without an error code (%s), and applies the same fields in a PATCH",
    async (behavior, status) => {
      await using sandbox = await startTestSandbox();
      await sandbox.setBehaviors("fleet-01", [behavior]);
      for (const [method, path, body] of requests) {
        const gone = await sandbox.call(method, `/cvms/fleet-01/${path}`, body);
        expect(gone).toMatchObject({ status, body: { detail: expect.any(String) } });
        expect(gone.body).not.toHaveProperty("error_code");
        const served = await sandbox.call(method, `/cvms/fleet-02/${path}`, body);
        expect(served.status).toBeLessThan(300);
        if (method === "PATCH") await sandbox.advance(11_000);
      }
      const fields = { vcpu: 2, public_logs: false };
      expect(await sandbox.call("PATCH", "/cvms/fleet-01", fields)).toMatchObject({ status: 202 });
      await sandbox.advance(11_000);
      expect(await sandbox.call("GET", "/cvms/fleet-01")).toMatchObject({
        body: { public_logs: false, resource: { vcpu: 2 } },
      });
    },
  );

  test("is seeded as endpoints-gone", async () => {
    await using sandbox = await startTestSandbox();
    expect(await sandbox.call("PATCH", "/cvms/endpoints-gone/resources", { vcpu: 2 })).toMatchObject({
      status: 404,
    });
  });
});

describe("special behaviors", () => {
  test("end when the list is empty, and an unknown one is rejected", async () => {
    await using sandbox = await startTestSandbox();
    await sandbox.setBehaviors("endpoints-gone", []);
    expect(await sandbox.call("GET", "/cvms/endpoints-gone/compose")).toMatchObject({ status: 200 });
    await expect(sandbox.setBehaviors("web-phala", ["unheard-of"])).rejects.toThrow("422");
  });

  test("a taken name answers 409 with a code, or 400 without one", async () => {
    await using sandbox = await startTestSandbox();
    const rename = () => sandbox.call("PATCH", "/cvms/fleet-01/name", { name: "fleet-02" });
    expect(await rename()).toMatchObject({ status: 409, body: { error_code: "ERR-01-004" } });
    await sandbox.setBehaviors("fleet-01", ["name-taken-400"]);
    expect(await rename()).toMatchObject({
      status: 400,
      body: { detail: 'CVM name "fleet-02" is already in use in this workspace' },
    });
  });

  test("correlation ids are UUIDs, or begin with corr_", async () => {
    await using sandbox = await startTestSandbox();
    const uuid = await sdk.patchCvm(sandbox.client, { id: "web-phala", vcpu: 2 });
    expect(uuid).toMatchObject({ correlationId: expect.stringMatching(/^[0-9a-f]{8}-/) });
    const other = await sdk.patchCvm(sandbox.client, { id: "corr-ids", vcpu: 2 });
    expect(other).toMatchObject({ correlationId: expect.stringMatching(/^corr_01[0-9A-Z]{24}$/) });
  });
});

describe("the app-compose", () => {
  test("keeps an empty name, manifest version 3, a list of init scripts and unknown members", async () => {
    await using sandbox = await startTestSandbox();
    const kept = {
      name: "",
      manifest_version: "3",
      init_script: ["echo one\n", "echo two\n"],
      requirements: { tdx: true },
    };
    expect(await sandbox.call("GET", "/cvms/manifest-3/compose_file")).toMatchObject({ body: kept });
    await sandbox.call("PATCH", "/cvms/manifest-3", { public_logs: false });
    await sandbox.advance(11_000);
    const { body } = await sandbox.call("GET", "/cvms/manifest-3/compose_file?raw=true");
    expect(body).toMatchObject({ ...kept, public_logs: false });
  });

  test("of a new CVM keeps the empty name that the client sent", async () => {
    await using sandbox = await startTestSandbox();
    const docker_compose_file = "services:\n  a:\n    image: nginx\n";
    const provision = await sandbox.call("POST", "/cvms/provision", {
      name: "new-app",
      compose_file: { name: "", docker_compose_file },
    });
    const { app_id, compose_hash } = z
      .object({ app_id: z.string(), compose_hash: z.string() })
      .parse(provision.body);
    await sandbox.call("POST", "/cvms", { app_id, compose_hash });
    expect(await sandbox.call("GET", "/cvms/new-app")).toMatchObject({
      body: { compose_file: { name: "" } },
    });
  });
});

describe("the commit of a provisioned compose file", () => {
  const docker_compose_file = "services:\n  a:\n    image: nginx:1.29\n";

  async function provision(sandbox: Awaited<ReturnType<typeof startTestSandbox>>, register: boolean) {
    const { body: present } = await sandbox.call("GET", "/cvms/web-base/compose_file");
    const { body } = await sandbox.call("POST", "/cvms/web-base/compose_file/provision", {
      ...z.looseObject({}).parse(present),
      docker_compose_file,
      allowed_envs: ["B", "A"],
      update_env_vars: true,
    });
    const answer = z.object({ app_id: z.string(), compose_hash: z.string() }).parse(body);
    if (register) {
      const call = { chainId: 8453, to: `0x${answer.app_id}`, data: `0xdfc77223${answer.compose_hash}` };
      await fetch(`${sandbox.origin}/__sandbox/rpc`, {
        method: "POST",
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_sendTransaction", params: [call] }),
      });
    }
    return answer.compose_hash;
  }

  test.each([
    ["the provisioned keys", true, ["B", "A"], "running"],
    ["the same keys in another order", true, ["A", "B"], "exited"],
    ["other keys", true, ["B"], "exited"],
    ["a hash that is not registered", false, ["B", "A"], "exited"],
  ])(
    "with %s, is accepted and boots only when its hash is registered",
    async (_text, register, env_keys, status) => {
      await using sandbox = await startTestSandbox();
      const compose_hash = await provision(sandbox, register);
      const commit = await sandbox.call("PATCH", "/cvms/web-base/compose_file", {
        compose_hash,
        env_keys,
        update_env_vars: true,
      });
      expect(commit).toMatchObject({
        status: 202,
        body: { status: "in_progress", correlation_id: expect.any(String) },
      });
      await sandbox.advance(11_000);
      expect(await sandbox.call("GET", "/cvms/web-base/compose_file")).toMatchObject({
        body: { allowed_envs: env_keys },
      });
      const { body } = await sandbox.call("GET", "/cvms/web-base/state", undefined, NEWEST);
      const error = { boot_error: expect.stringContaining("Compose hash not allowed") };
      expect(body).toMatchObject({ status, ...(status === "exited" && error) });
    },
  );

  test("ignores its keys without update_env_vars", async () => {
    await using sandbox = await startTestSandbox();
    const compose_hash = await provision(sandbox, true);
    await sandbox.call("PATCH", "/cvms/web-base/compose_file", { compose_hash, env_keys: ["Z"] });
    await sandbox.advance(11_000);
    expect(await sandbox.call("GET", "/cvms/web-base")).toMatchObject({ body: { compose_hash } });
  });
});
