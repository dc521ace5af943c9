import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { askUpstream, KEY, nameCall, startScripted } from "../support/upstream/scripted.ts";
import { cvm, otherAnswers, type WireAnswer, wireAnswers } from "./wire-answers.ts";

type Path = readonly (string | number)[];

/** A value of another type than the one that it replaces. */
function replaceValue(value: unknown): unknown {
  return typeof value === "object" && value !== null ? "odd" : { odd: ["x"] };
}

/** List the paths of all members and items of a JSON value. */
function listPaths(value: unknown): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return entries.flatMap(([key, member]) => [[key], ...listPaths(member).map((rest) => [key, ...rest])]);
}

/** Copy a JSON value with another value at a path. */
function replaceAt(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return replaceValue(value);
  if (Array.isArray(value)) return value.map((item, at) => (at === key ? replaceAt(item, rest) : item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === key ? replaceAt(member, rest) : member]),
  );
}

const logs: string[] = [];
let replaced: { readonly call: string; readonly body: unknown } = { call: "", body: null };
let upstream: Awaited<ReturnType<typeof startScripted>>;
let gateway: ReturnType<typeof createGateway>;

beforeAll(async () => {
  upstream = await startScripted((request) => {
    const call = nameCall(request);
    return { body: call === replaced.call ? replaced.body : (otherAnswers[call] ?? {}) };
  });
  gateway = createGateway(upstream.url, { logs });
});
afterAll(async () => {
  await gateway.close();
  await upstream[Symbol.asyncDispose]();
});

async function read({ call, query }: Pick<WireAnswer, "call" | "query">, body: unknown) {
  replaced = { call, body };
  upstream.requests.length = 0;
  const answer = await ask(gateway.app, query, {}, { "x-api-key": KEY });
  expect(upstream.requests.map(nameCall)).toContain(call);
  return answer;
}

describe.each(wireAnswers.map((answer) => [answer.call, answer] as const))("%s", (_call, answer) => {
  const vital = answer.vital ?? [];
  const paths = listPaths(answer.body).filter((path) => !vital.includes(path.join(".")));

  it("answers the query of this test", async () => {
    const { errors } = await read(answer, answer.body);
    expect(errors).toBeUndefined();
  });

  it.each(paths.map((path) => [path.join("."), path] as const))(
    "still answers when %s has another type",
    async (_path, path) => {
      const { errors, data } = await read(answer, replaceAt(answer.body, path));
      expect(errors).toBeUndefined();
      expect(Object.values(data)[0]).not.toBeNull();
    },
  );

  it.each(vital.map((path) => [path]))("is UPSTREAM_MALFORMED when %s has another type", async (path) => {
    const { errors } = await read(answer, replaceAt(answer.body, path.split(".")));
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_MALFORMED"]);
  });
});

describe("an item of a list that cannot be read", () => {
  const list = { call: "GET /cvms/paginated", query: "" };
  const items = [cvm, "odd", { ...cvm, id: 7 }, { ...cvm, id: "cvm_api" }];

  it("is left out, and the page ends where it would end with it", async () => {
    const query = "{ cvms(first: 4) { totalCount nodes { id } pageInfo { endCursor hasNextPage } } }";
    const { data } = await read({ ...list, query }, { items, total: 5 });
    expect(data.cvms.nodes).toEqual([{ id: "cvm_web" }, { id: "cvm_api" }]);
    expect(data.cvms.pageInfo).toEqual({
      hasNextPage: true,
      endCursor: Buffer.from("cvm:3").toString("base64url"),
    });
  });

  it("is counted in a debug line", async () => {
    logs.length = 0;
    await read({ ...list, query: "{ cvms(first: 4) { nodes { id } } }" }, { items, total: 4 });
    const lines = logs.map((line) => JSON.parse(line)).filter(({ msg }) => /unexpected parts/.test(msg));
    expect(lines).toEqual([
      expect.objectContaining({ level: 20, method: "GET", path: "/cvms/paginated", count: 2 }),
    ]);
  });

  it("does not make a later operation the newest one", async () => {
    const row = { correlation_id: "corr-1", status: "in_progress", operation_type: "update" };
    const query = '{ cvm(id: "cvm_web") { operations(first: 2) { nodes { correlationId } } } }';
    const { data, errors } = await read(
      { call: "GET /cvms/cvm_web/operations", query },
      { items: ["odd", row], next_cursor: null, total: 2 },
    );
    expect(errors).toBeUndefined();
    expect(data.cvm.operations.nodes).toEqual([{ correlationId: "corr-1" }]);
  });

  it("leaves a total to what the page proves when the total cannot be read", async () => {
    const query = "{ cvms(first: 2) { totalCount pageInfo { hasNextPage } } }";
    const { data } = await read({ ...list, query }, { items: [cvm, cvm], total: "many" });
    expect(data.cvms).toEqual({ totalCount: 3, pageInfo: { hasNextPage: true } });
  });
});

describe("manifest version 3", () => {
  it("is read from its text, and the list of init scripts is passed on", async () => {
    const answer = wireAnswers.find(({ call }) => call.endsWith("/compose_file"));
    if (answer === undefined) throw new Error("No answer for the compose file.");
    const { data } = await read(answer, answer.body);
    expect(data.cvm.compose).toMatchObject({
      manifestVersion: 3,
      allowedEnvs: ["A", "FOO-BAR"],
      json: { manifest_version: "3", name: "", init_script: ["echo a", "echo b"] },
    });
  });
});

describe("a list of allowed names that cannot be read", () => {
  const env = { encrypted: { encryptedEnv: "ab".repeat(60), keys: ["A"] } };

  it.each([
    ["configureCvm", "ConfigureCvmInput"],
    ["updateCvmEnvs", "UpdateCvmEnvsInput"],
  ])("keeps %s from sending an environment, because a variable could be lost", async (name, type) => {
    const { errors, calls } = await askUpstream(
      { "GET /cvms/cvm_web/compose_file": { body: { name: "", allowed_envs: { A: true } } } },
      `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`,
      { input: { id: "cvm_web", env } },
    );
    expect(errors?.[0]?.extensions.code).toBe("UPSTREAM_MALFORMED");
    expect(calls).toEqual(["GET /cvms/cvm_web/compose_file"]);
  });
});

describe("a list of OS images of which a part cannot be read", () => {
  it("leaves an image that is missing in it to the REST API", async () => {
    const images = [{ version: "1", prod: { name: 7, slug: ["new"] } }];
    const query = 'mutation { configureCvm(input: { id: "cvm_web", image: "new" }) { __typename } }';
    const { errors, calls } = await askUpstream(
      {
        "GET /cvms/cvm_web/available-os-images": { body: images },
        "PATCH /cvms/cvm_web": { status: 202, body: {} },
      },
      query,
    );
    expect(errors).toBeUndefined();
    expect(calls).toEqual(["GET /cvms/cvm_web/available-os-images", "PATCH /cvms/cvm_web"]);
  });
});
