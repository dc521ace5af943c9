import { createClient as createWsClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { COMMIT_UPDATE, CONFIGURE, listWrites } from "../support/mutations.ts";
import { KEY, openStream, startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";
import { startScripted } from "../support/upstream/scripted.ts";

const HEADER = "x-phala-workspace";
const READ = '{ cvm(id: "web-phala") { name } }';

/** Headers of one key in a workspace. */
const inWorkspace = (workspace: string) => ({ "x-api-key": KEY, [HEADER]: workspace });

function listWorkspaces(calls: readonly { readonly headers: Readonly<Record<string, unknown>> }[]) {
  return calls.map(({ headers }) => headers[HEADER]);
}

const invalid = ["", "Team-A", "team a", "team.a", "team-a, team-b", "../x", "a".repeat(65)];

describe("X-Phala-Workspace", () => {
  it("is sent to the REST API with every call", async () => {
    await using gateway = await startGateway();
    const query = `{ cvms(first: 2) { nodes { state { status } dockerCompose envEncryptionKey { publicKey } } } }`;
    await gateway.ask(query, {}, inWorkspace("team-a1"));
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } }, inWorkspace("team-a1"));
    const calls = await gateway.calls();
    expect(calls.length).toBeGreaterThan(4);
    expect(new Set(listWorkspaces(calls))).toEqual(new Set(["team-a1"]));
    await gateway.ask(query);
    expect(new Set(listWorkspaces(await gateway.calls()))).toEqual(new Set([undefined]));
  });

  it("is not sent with commitCvmUpdate, whose token is the credential", async () => {
    await using gateway = await startGateway();
    const hash = "ab".repeat(32);
    const input = { id: "web-base", token: "a-token", composeHash: hash, transactionHash: hash };
    await gateway.ask(COMMIT_UPDATE, { input }, inWorkspace("team-a"));
    const commits = (await gateway.calls()).filter(({ path }) => path.endsWith("/commit-update"));
    expect(listWorkspaces(commits)).toEqual([undefined]);
  });

  it.each(invalid)("is rejected over HTTP when it is not a slug, and nothing is sent (%j)", async (slug) => {
    await using gateway = await startGateway();
    for (const query of [READ, 'mutation { stopCvm(input: { id: "web-phala" }) { status } }']) {
      const { data, errors } = await gateway.ask(query, {}, inWorkspace(slug));
      expect(data).toBeUndefined();
      expect(errors).toMatchObject([
        { message: expect.stringContaining("X-Phala-Workspace"), extensions: { code: "BAD_USER_INPUT" } },
      ]);
      if (slug.length > 2) expect(JSON.stringify(errors)).not.toContain(slug);
    }
    expect(await gateway.calls()).toEqual([]);
  });

  it("is rejected with status 400, also where rates are limited", async () => {
    const { app, close } = createGateway("http://127.0.0.1:9", { environment: { RATE_LIMIT_READS: "1" } });
    const headers = { ...inWorkspace("Not A Slug"), accept: "application/graphql-response+json" };
    for (let round = 0; round < 3; round += 1) {
      const { status, errors } = await ask(app, READ, {}, headers);
      expect(status).toBe(400);
      expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", retryable: false });
    }
    await close();
  });

  it("may be sent by pages of allowed origins", async () => {
    const { app, close } = createGateway("http://127.0.0.1:9", { environment: { CORS_ORIGINS: "*" } });
    const response = await app.fetch("http://gateway.test/graphql", {
      method: "OPTIONS",
      headers: { origin: "https://app.example.com", "access-control-request-method": "POST" },
    });
    expect(response.headers.get("access-control-allow-headers")?.split(", ")).toContain(HEADER);
    await close();
  });
});

describe("X-Phala-Workspace over WebSocket", () => {
  async function read(url: string, params: Record<string, unknown>, upgrade: Record<string, string> = {}) {
    class Socket extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { headers: upgrade });
      }
    }
    const client = createWsClient({
      url: url.replace("http", "ws"),
      webSocketImpl: Socket,
      connectionParams: params,
      retryAttempts: 0,
    });
    try {
      return await Array.fromAsync(client.iterate({ query: READ }));
    } catch (errors) {
      return errors;
    } finally {
      await client.dispose();
    }
  }

  it.each([
    ["connectionParams", { "X-API-Key": KEY, "X-Phala-Workspace": "team-a" }, {}],
    ["headers in connectionParams", { headers: { "x-api-key": KEY, [HEADER]: "team-a" } }, {}],
    ["the upgrade", {}, inWorkspace("team-a")],
    ["connectionParams before the upgrade", { [HEADER]: "team-a" }, inWorkspace("team-b")],
  ])("comes from %s", async (_source, params, upgrade) => {
    await using gateway = await startStreamingGateway();
    expect(await read(gateway.url, params, upgrade)).toEqual([{ data: { cvm: { name: "web-phala" } } }]);
    expect(listWorkspaces(await gateway.readJournal())).toEqual(["team-a"]);
  });

  it.each([...invalid, 5, ["team-a"], "tëam"])(
    "is rejected when it is not a slug, and nothing is sent (%j)",
    async (workspace) => {
      await using gateway = await startStreamingGateway();
      const rejected = await read(gateway.url, { "x-api-key": KEY, [HEADER]: workspace });
      expect(rejected).toMatchObject([
        { message: expect.stringContaining("X-Phala-Workspace"), extensions: { code: "BAD_USER_INPUT" } },
      ]);
      expect(gateway.proxy.calls).toEqual([]);
    },
  );
});

describe("X-Phala-Workspace on the single connection of graphql-sse", () => {
  const reserve = (url: string, workspace: string) =>
    fetch(url, { method: "PUT", headers: inWorkspace(workspace) });

  const start = async (url: string, token: string, workspace: string) =>
    fetch(url, {
      method: "POST",
      headers: {
        ...inWorkspace(workspace),
        "content-type": "application/json",
        "x-graphql-event-stream-token": token,
      },
      body: JSON.stringify({ query: READ, extensions: { operationId: "one" } }),
    });

  it("owns the reserved stream together with the key, and is sent with its operations", async () => {
    await using gateway = await startStreamingGateway();
    const token = await (await reserve(gateway.url, "team-a")).text();
    expect((await start(gateway.url, token, "team-b")).status).toBe(404);
    const stolen = await fetch(`${gateway.url}?token=${token}`, {
      headers: { accept: "text/event-stream", "x-api-key": KEY },
    });
    expect(stolen.status).toBe(404);
    expect((await start(gateway.url, token, "team-a")).status).toBe(202);
    await until(async () => (await gateway.readJournal()).length > 0);
    expect(listWorkspaces(await gateway.readJournal())).toEqual(["team-a"]);
  });

  it("is rejected with status 400 when it is not a slug", async () => {
    await using gateway = await startStreamingGateway();
    const response = await reserve(gateway.url, "Team A");
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("X-Phala-Workspace");
  });
});

describe("two workspaces of one key", () => {
  it("do not share a poll, and each poll names its workspace", async () => {
    await using gateway = await startStreamingGateway();
    const streams = await Promise.all(
      ["team-a", "team-b"].map((workspace) =>
        openStream(gateway.app, WATCH, { id: "web-phala" }, inWorkspace(workspace)),
      ),
    );
    for (const stream of streams) expect((await stream.next()).data.cvmState.status).toBe("RUNNING");
    const polls = (await gateway.readJournal()).filter(({ path }) => path === "/status/batch");
    expect(new Set(listWorkspaces(polls))).toEqual(new Set(["team-a", "team-b"]));
    for (const stream of streams) await stream.leave();
  });

  it("have their own number of streams", async () => {
    await using gateway = await startStreamingGateway({ MAX_STREAMS_PER_CALLER: "1" });
    const open = (workspace: string) =>
      openStream(gateway.app, WATCH, { id: "web-phala" }, inWorkspace(workspace));
    const [one, same, other] = [await open("team-a"), await open("team-a"), await open("team-b")];
    expect((await one.next()).data.cvmState.status).toBe("RUNNING");
    expect((await same.next()).errors[0].extensions.code).toBe("RATE_LIMITED");
    expect((await other.next()).data.cvmState.status).toBe("RUNNING");
    for (const stream of [one, same, other]) await stream.leave();
  });

  it("do not share an idempotency key", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-phala", publicLogs: false, idempotencyKey: "key-1" };
    const send = (workspace: string) => gateway.ask(CONFIGURE, { input }, inWorkspace(workspace));
    const first = await send("team-a");
    expect(first.data.configureCvm.status).toBe("IN_PROGRESS");
    expect((await send("team-a")).data).toEqual(first.data);
    expect(listWrites(await gateway.calls())).toHaveLength(1);
    const other = await send("team-b");
    expect(other.data.configureCvm.status).toBe("IN_PROGRESS");
    expect(other.data).not.toEqual(first.data);
    expect(listWrites(await gateway.calls())).toHaveLength(1);
  });

  it("do not share a rate limit", async () => {
    const { app, close } = createGateway("http://127.0.0.1:9", { environment: { RATE_LIMIT_READS: "1" } });
    const read = async (workspace: string) =>
      (await ask(app, "{ __typename }", {}, inWorkspace(workspace))).errors?.[0]?.extensions.code;
    expect(await read("team-a")).toBeUndefined();
    expect(await read("team-a")).toBe("RATE_LIMITED");
    expect(await read("team-b")).toBeUndefined();
    await close();
  });

  it("do not share the circuit of a CVM", async () => {
    await using upstream = await startScripted({ "GET /cvms/web": { status: 500, body: {} } });
    const { app, close } = createGateway(upstream.url);
    const read = async (workspace: string) => {
      const before = upstream.requests.length;
      await ask(app, '{ cvm(id: "web") { name } }', {}, inWorkspace(workspace));
      return upstream.requests.length - before;
    };
    for (let round = 0; round < 10; round += 1) await read("team-a");
    expect(await read("team-a")).toBe(0);
    expect(await read("team-b")).toBe(1);
    await close();
  });
});
