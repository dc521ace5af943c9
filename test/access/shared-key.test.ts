import { describe, expect, it } from "vitest";
import { CONFIGURE } from "../support/mutations.ts";
import { SERVER_KEYS } from "../support/sign-in/access-file.ts";
import { listWrites, type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";

const releaser = { groups: ["releasers"] };

async function readVersion(gateway: SignInGateway, token: string): Promise<string> {
  const { data } = await gateway.ask(token, '{ cvm(id: "web-phala") { configVersion } }');
  return data.cvm.configVersion;
}

describe("two callers behind one key", () => {
  it("have their own idempotency keys: the same key of another caller is another write", async () => {
    await using gateway = await startSignIn();
    const send = async (subject: string, name: string) => {
      const input = { id: name, vcpu: 4, idempotencyKey: "the-same" };
      const token = await gateway.provider.sign(subject, releaser);
      const { data, errors } = await gateway.ask(token, CONFIGURE, { input });
      return data.configureCvm?.correlationId ?? errors?.[0]?.extensions.code;
    };
    const first = await send("rita", "web-phala");
    expect(await send("rita", "web-phala")).toBe(first);
    expect(await send("rita", "web-legacy")).toBe("IDEMPOTENCY_KEY_REUSED");
    const other = await send("rolf", "web-legacy");
    expect(other).not.toBe(first);
    expect(await send("rolf", "web-legacy")).toBe(other);
    expect(listWrites(gateway.takeCalls())).toHaveLength(2);
  });

  it("have their own idempotency keys also for the same commit token", async () => {
    await using gateway = await startSignIn();
    const hash = "ab".repeat(32);
    const commit = `mutation { commitCvmUpdate(input: { id: "web-base", token: "t", composeHash: "${hash}", transactionHash: "${hash}", idempotencyKey: "k" }) { status } }`;
    for (const subject of ["rita", "rolf"]) {
      await gateway.ask(await gateway.provider.sign(subject, releaser), commit);
    }
    const commits = listWrites(gateway.takeCalls()).filter(({ path }) => path.endsWith("/commit-update"));
    expect(commits).toHaveLength(2);
    for (const { headers } of commits) expect(JSON.stringify(headers)).not.toContain(SERVER_KEYS.production);
  });

  it("do not overwrite each other: of two with one expectedVersion, one wins", async () => {
    await using gateway = await startSignIn();
    const tokens = await Promise.all(["rita", "rolf"].map((name) => gateway.provider.sign(name, releaser)));
    const expectedVersion = await readVersion(gateway, tokens[0] ?? "");
    gateway.takeCalls();
    const base = { id: "web-phala", expectedVersion, waitIfBusySeconds: 60 };
    const sent = tokens.map((token, index) =>
      gateway.ask(token, CONFIGURE, { input: { ...base, vcpu: 4 + index * 4 } }),
    );
    // The second write waits until the operation of the first one has ended.
    await Promise.race(sent);
    await gateway.advance(60_000);
    const answers = await Promise.all(sent);
    const codes = answers.map(({ data, errors }) => errors?.[0]?.extensions.code ?? data.configureCvm.status);
    expect(codes.sort()).toEqual(["IN_PROGRESS", "VERSION_CONFLICT"]);
    expect(listWrites(gateway.takeCalls())).toHaveLength(1);
  });

  it("who do not wait: the second one is refused as busy, and as a conflict when the first has ended", async () => {
    await using gateway = await startSignIn();
    const [rita = "", rolf = ""] = await Promise.all(
      ["rita", "rolf"].map((name) => gateway.provider.sign(name, releaser)),
    );
    const expectedVersion = await readVersion(gateway, rita);
    const change = (token: string, vcpu: number) =>
      gateway.ask(token, CONFIGURE, { input: { id: "web-phala", expectedVersion, vcpu } });
    const sent = await Promise.all([change(rita, 4), change(rolf, 8)]);
    const codes = sent.map(({ errors }) => errors?.[0]?.extensions.code ?? "accepted");
    expect(codes.sort()).toEqual(["OPERATION_IN_PROGRESS", "accepted"]);
    await gateway.advance(600_000);
    expect((await change(rolf, 8)).errors?.[0]?.extensions.code).toBe("VERSION_CONFLICT");
  });

  it("have their own rate limits", async () => {
    await using gateway = await startSignIn({ environment: { RATE_LIMIT_READS: "1" } });
    const read = async (subject: string) => {
      const token = await gateway.provider.sign(subject, releaser);
      return (await gateway.ask(token, "{ cvms(first: 1) { totalCount } }")).errors?.[0]?.extensions.code;
    };
    expect(await read("rita")).toBeUndefined();
    expect(await read("rita")).toBe("RATE_LIMITED");
    expect(await read("rolf")).toBeUndefined();
  });
});

describe("a key of the gateway that was replaced", () => {
  it("is used from the reload on, and a repeat of an earlier write is not sent again", async () => {
    await using gateway = await startSignIn();
    const token = await gateway.provider.sign("rita", releaser);
    const input = { id: "web-phala", vcpu: 4, idempotencyKey: "before" };
    expect((await gateway.ask(token, CONFIGURE, { input })).data.configureCvm.status).toBe("IN_PROGRESS");
    await gateway.file.writeKey("sandbox-another-key");
    await gateway.access.reload();
    gateway.takeCalls();
    const { errors } = await gateway.ask(token, CONFIGURE, { input });
    expect(errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(listWrites(gateway.takeCalls())).toEqual([]);
    await gateway.ask(token, "{ cvms(first: 1) { totalCount } }");
    expect(gateway.takeCalls()[0]?.headers["x-api-key"]).toBe("sandbox-another-key");
  });

  it("that the REST API refuses is no reason to sign in again", async () => {
    await using gateway = await startSignIn();
    await gateway.file.writeKey("revoked-key");
    await gateway.access.reload();
    const token = await gateway.provider.sign("rita", releaser);
    const { errors } = await gateway.ask(token, "{ cvms(first: 1) { totalCount } }");
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("Ask the operator"),
      extensions: { code: "UPSTREAM_REFUSED", retryable: false, upstream: { status: 401 } },
    });
    expect(JSON.stringify(errors)).not.toContain("revoked-key");
  });
});
