import * as sdk from "@phala/cloud";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestSandbox } from "../support/sandbox-client.ts";
import { pickByTier } from "../support/tier.ts";

describe("authentication", () => {
  test("accepts keys that start with sandbox- in either header, and answers 401 to others", async () => {
    await using sandbox = await startTestSandbox();
    const status = async (headers: Record<string, string>) => {
      const response = await fetch(`${sandbox.url}/auth/me`, { headers });
      return response.status;
    };
    expect(await status({ "x-api-key": "sandbox-x" })).toBe(200);
    expect(await status({ authorization: "Bearer sandbox-x" })).toBe(200);
    for (const headers of [
      {},
      { "x-api-key": "phak_real" },
      { authorization: "Bearer x" },
      { "x-api-key": `sandbox-${"x".repeat(300)}` },
    ]) {
      expect(await status(headers)).toBe(401);
    }
  });

  test("gives each key its own copy of the seed, with its own ids that are the same in every run", async () => {
    const read = async (apiKey: string) => {
      await using sandbox = await startTestSandbox();
      const list = await sdk.getCvmList(sdk.createClient({ apiKey, baseURL: sandbox.url }), {
        page_size: 100,
      });
      return z.array(z.object({ id: z.string(), name: z.string(), app_id: z.string() })).parse(list.items);
    };
    const [one, again, other] = [await read("sandbox-1"), await read("sandbox-1"), await read("sandbox-2")];
    expect(again).toEqual(one);
    expect(other.map((cvm) => cvm.name)).toEqual(one.map((cvm) => cvm.name));
    const ids = new Set([...one, ...other].flatMap((cvm) => [cvm.id]));
    expect(ids.size).toBe(88);
  });

  test("gives a key one workspace per X-Phala-Workspace, and records the header", async () => {
    await using sandbox = await startTestSandbox();
    const read = async (slug?: string) => {
      const headers: Record<string, string> = slug === undefined ? {} : { "x-phala-workspace": slug };
      const { body } = await sandbox.call("GET", "/cvms/web-phala", undefined, headers);
      return z.object({ id: z.string(), workspace: z.object({ slug: z.string() }) }).parse(body);
    };
    const own = await read();
    const team = await read("team-a");
    expect(team.workspace.slug).toBe("team-a");
    expect(await read("team-a")).toEqual(team);
    expect(await read(own.workspace.slug)).toEqual(own);
    expect(new Set([own.id, team.id, (await read("team-b")).id]).size).toBe(3);
    expect(await sandbox.call("GET", `/cvms/${team.id}`)).toMatchObject({ status: 404 });
    const headers = { "x-phala-workspace": "team-a" };
    await sandbox.call("PATCH", "/cvms/web-phala/name", { name: "renamed" }, headers);
    expect(await sandbox.call("GET", "/cvms/web-phala")).toMatchObject({ status: 200 });
    const wrong = await sandbox.call("GET", "/cvms", undefined, { "x-phala-workspace": "Not A Slug" });
    expect(wrong.status).toBe(400);
    expect((await sandbox.journal())[1]?.headers).toMatchObject(headers);
  });

  test("does not find the CVM of another key", async () => {
    await using sandbox = await startTestSandbox();
    const { id } = z
      .object({ id: z.string() })
      .parse(await sdk.getCvmInfo(sandbox.client, { id: "web-phala" }));
    const answer = await sandbox.call("GET", `/cvms/${id}`, undefined, { "x-api-key": "sandbox-other" });
    expect(answer).toMatchObject({ status: 404, body: { error_code: "ERR-03-001" } });
  });
});

describe("an invalid request", () => {
  test.each([
    ["a wrong type", { vcpu: "two" }, { loc: ["body", "vcpu"], type: "number_type", input: "two" }],
    [
      "a timeout that is too short",
      { shutdown_timeout: 9 },
      { loc: ["body", "shutdown_timeout"], type: "greater_than_equal" },
    ],
    [
      "a timeout that is too long",
      { shutdown_timeout: 1201 },
      { loc: ["body", "shutdown_timeout"], type: "less_than_equal" },
    ],
    [
      "a list with a number in it",
      { allowed_envs: ["A", 1] },
      { loc: ["body", "allowed_envs", 1], type: "string_type" },
    ],
    ["an environment that is not hex", { encrypted_env: "xyz" }, { loc: ["body", "encrypted_env"] }],
    [
      "200 KB and a byte",
      { docker_compose_file: "#".repeat(204_801) },
      { loc: ["body", "docker_compose_file"] },
    ],
    ["an array", [], { loc: ["body"], type: "object_type" }],
  ])("with %s is answered with 422 in FastAPI's form", async (_what, body, issue) => {
    await using sandbox = await startTestSandbox();
    const answer = await sandbox.call("PATCH", "/cvms/web-phala", body);
    expect(answer).toMatchObject({ status: 422, body: { detail: [issue] } });
  });

  test("whose body is not JSON, missing or too large is answered with 422 or 413", async () => {
    await using sandbox = await startTestSandbox();
    const patch = (body: string | undefined) => sandbox.call("PATCH", "/cvms/web-phala", body);
    expect(await patch("{")).toMatchObject({ status: 422, body: { detail: [{ type: "json_invalid" }] } });
    expect(await patch(undefined)).toMatchObject({ status: 422, body: { detail: [{ type: "missing" }] } });
    expect(await patch("x".repeat(4 * 1024 * 1024 + 1))).toMatchObject({ status: 413 });
    expect(await patch('{"user_config":"still works"}')).toMatchObject({ status: 202 });
  });

  test.each([
    ["without a mapping of services", "just text"],
    ["with invalid YAML", "services: [\n"],
    ["with a list of services", "services:\n  - app\n"],
  ])(
    "whose Docker Compose file is %s is answered with 422 and a text",
    async (_what, docker_compose_file) => {
      await using sandbox = await startTestSandbox();
      const answer = await sandbox.call("PATCH", "/cvms/web-phala", { docker_compose_file });
      expect(answer).toMatchObject({
        status: 422,
        body: { detail: expect.stringContaining("Invalid docker compose file") },
      });
    },
  );

  test.each([
    ["a disk that would shrink", { disk_size: 10 }, "ERR-02-008", "disk_size"],
    ["an unknown image", { image: "ubuntu-24.04-tee" }, "ERR-02-010", "image"],
    ["a disabled image", { image: "dstack-0.5.4" }, "ERR-02-010", "image"],
    ["a GPU image for a CVM without GPU", { image: "dstack-nvidia-0.5.6" }, "ERR-02-010", "image"],
  ])("with %s is answered with 400, the field and the request id", async (_what, body, error_code, field) => {
    await using sandbox = await startTestSandbox();
    const answer = await sandbox.call("PATCH", "/cvms/web-phala", body, { "x-request-id": "my-request-1" });
    expect(answer).toMatchObject({
      status: 400,
      body: { error_code, details: [{ field }], request_id: "my-request-1" },
    });
    expect(answer.headers.get("x-request-id")).toBe("my-request-1");
  });

  test("with an empty text or an unknown content type is answered with 400; JSON and forms are accepted", async () => {
    await using sandbox = await startTestSandbox();
    const path = "/cvms/web-phala/pre-launch-script";
    const send = (body: string, type: string) => sandbox.call("PATCH", path, body, { "content-type": type });
    expect(await send("", "text/plain")).toMatchObject({ status: 400 });
    expect(await send("echo", "image/png")).toMatchObject({ status: 400 });
    expect(await send('{"pre_launch_script":"echo json"}', "application/json")).toMatchObject({
      status: 202,
    });
    const form = new FormData();
    form.set("file", new Blob(["services:\n  a:\n    image: nginx\n"]), "docker-compose.yml");
    expect(await sandbox.call("PATCH", "/cvms/no-script/docker-compose", form)).toMatchObject({
      status: 202,
    });
  });

  test("whose identifier matches several CVMs is answered with 400, and 404 when it matches none", async () => {
    await using sandbox = await startTestSandbox();
    const { app_id } = await sdk.getCvmInfo(sandbox.client, { id: "replica-one" });
    expect(await sandbox.call("GET", "/cvms/twin-name")).toMatchObject({
      status: 400,
      body: { error_code: "ERR-03-002" },
    });
    expect(await sandbox.call("GET", `/cvms/${app_id}`)).toMatchObject({
      status: 400,
      body: { error_code: "ERR-03-010" },
    });
    expect(await sandbox.call("GET", "/cvms/nobody")).toMatchObject({
      status: 404,
      body: { error_code: "ERR-03-001" },
    });
  });

  test("with an unknown version, route or method is answered with 400, 404 or 405", async () => {
    await using sandbox = await startTestSandbox();
    expect(await sandbox.call("GET", "/cvms", undefined, { "x-phala-version": "1999-01-01" })).toMatchObject({
      status: 400,
    });
    expect(await sandbox.call("GET", "/cvms", undefined, { "x-phala-version": "latest" })).toMatchObject({
      status: 200,
    });
    expect(await sandbox.call("GET", "/nowhere")).toMatchObject({
      status: 404,
      body: { detail: "Not Found" },
    });
    const wrong = await sandbox.call("PUT", "/cvms/web-phala");
    expect(wrong).toMatchObject({ status: 405, body: { detail: "Method Not Allowed" } });
    expect(wrong.headers.get("allow")?.split(", ").sort()).toEqual(["DELETE", "GET", "PATCH"]);
  });

  test("with any JSON body is answered with a status below 500", async () => {
    await using sandbox = await startTestSandbox();
    const path = fc.constantFrom(
      "/cvms/web-phala",
      "/cvms/no-script/envs",
      "/cvms/fleet-01/resources",
      "/cvms/fleet-02/visibility",
      "/cvms/fleet-03/compose_file",
      "/cvms/fleet-04/docker-compose",
      "/status/batch",
      "/cvms/provision",
      "/cvms",
      "/cvms/fleet-05/compose_file/provision",
      "/cvms/web-base/is-allowed",
    );
    const key = fc.constantFrom(
      "vcpu",
      "gpus",
      "docker_compose_file",
      "encrypted_env",
      "name",
      "compose_hash",
      "compose_file",
      "vm_uuids",
      "user_config",
    );
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.jsonValue()));
    const method = fc.constantFrom("PATCH", "POST");
    await fc.assert(
      fc.asyncProperty(method, path, body, async (verb, where, sent) => {
        const answer = await sandbox.call(verb, where, JSON.stringify(sent), {
          "content-type": "application/json",
        });
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: pickByTier(150, 1_500) },
    );
  });

  test("with any text as identifier is answered with 400 or 404", async () => {
    await using sandbox = await startTestSandbox();
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: "grapheme" }), async (id) => {
        const answer = await sandbox.call("GET", `/cvms/x${encodeURIComponent(id)}`);
        expect([400, 404]).toContain(answer.status);
      }),
      { numRuns: 60 },
    );
  });
});
