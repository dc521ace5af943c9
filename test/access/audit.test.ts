import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAuditLog } from "../../src/access/audit.ts";
import { createLogger } from "../../src/logger.ts";
import { ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE, setVcpu } from "../support/mutations.ts";
import { listWrites, type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";

const SECRET = "Vq7kZ-plain-value-Xw93Lt";
const releaser = { groups: ["releasers"] };

let gateway: SignInGateway;
beforeAll(async () => {
  gateway = await startSignIn();
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe("the audit log", () => {
  it("has one line for an accepted write, before its answer leaves, without any value", async () => {
    const token = await gateway.provider.sign("rita", releaser);
    const env = {
      plain: [
        { key: "DATABASE_URL", value: SECRET },
        { key: "API_TOKEN", value: SECRET },
      ],
    };
    const { data, errors, headers } = await gateway.ask(token, CONFIGURE, {
      input: { id: "web-phala", vcpu: 4, env, idempotencyKey: "key-of-rita" },
    });
    expect(errors).toBeUndefined();
    const lines = await gateway.readAudit();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toEqual({
      type: "audit",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      requestId: headers.get("x-request-id"),
      caller: { issuer: gateway.provider.issuer, subject: "rita" },
      workspace: "production",
      mutation: "configureCvm",
      settings: ["env", "vcpu"],
      idempotencyKey: expect.stringMatching(/^[\w-]{22}$/),
      cvmId: expect.stringMatching(/^cvm_/),
      outcome: "accepted",
      result: "InProgress",
      code: null,
      correlationId: data.configureCvm.correlationId,
      sent: true,
    });
    expect(lines[0].cvmId).toMatch(/^cvm_/);
    const text = JSON.stringify(lines);
    for (const canary of [SECRET, token, "key-of-rita", "DATABASE_URL"]) expect(text).not.toContain(canary);
  });

  it("has a line for a repeat, a refused and an unknown write", async () => {
    const token = await gateway.provider.sign("rita", releaser);
    const viewer = await gateway.provider.sign("vera", { groups: ["programs"] });
    const before = (await gateway.readAudit()).length;
    const input = { id: "web-legacy", vcpu: 2, idempotencyKey: "again" };
    await gateway.ask(token, CONFIGURE, { input });
    await gateway.ask(token, CONFIGURE, { input });
    await gateway.ask(viewer, setVcpu("web-phala"));
    await gateway.ask(token, setVcpu("web-phala", -1));
    await gateway.ask(token, 'mutation { stopCvm(input: { id: "stopped-app" }) { status } }');
    await gateway.ask(token, setVcpu("fails-reset"));
    const lines = (await gateway.readAudit()).slice(before);
    expect(lines.map(({ mutation, outcome, code, sent }) => [mutation, outcome, code, sent])).toEqual([
      ["configureCvm", "accepted", null, true],
      ["configureCvm", "accepted", null, false],
      ["configureCvm", "refused", "FORBIDDEN", false],
      ["configureCvm", "refused", "BAD_USER_INPUT", false],
      ["stopCvm", "refused", "FORBIDDEN", false],
      ["configureCvm", "unknown", "OUTCOME_UNKNOWN", true],
    ]);
    expect(lines[0].correlationId).toBe(lines[1].correlationId);
    expect(lines[0].idempotencyKey).toBe(lines[1].idempotencyKey);
    // The REST API answers no question about the last CVM.
    expect(lines.map(({ cvmId }) => cvmId?.slice(0, 4))).toEqual([...Array(5).fill("cvm_"), undefined]);
  });

  it("has no line for a write without a token, so that strangers cannot fill it", async () => {
    const before = await gateway.readAudit();
    const commit = `mutation { commitCvmUpdate(input: { id: "web-base", token: "t", composeHash: "", transactionHash: "" }) { status } }`;
    for (const query of [setVcpu("web-phala"), commit]) {
      const { errors } = await gateway.ask(null, query);
      expect(errors?.[0]).toMatchObject({
        message: expect.stringContaining("needs a token"),
        extensions: { code: "UNAUTHENTICATED" },
      });
    }
    expect(await gateway.readAudit()).toEqual(before);
  });

  it("can be read by its owner only", async () => {
    const { mode } = await stat(join(gateway.file.folder, "audit.log"));
    expect(mode & 0o077).toBe(0);
  });

  it("names the operation of a write whose answer does not name it", async () => {
    const operator = await gateway.provider.sign("olga", { groups: ["platform"] });
    await gateway.ask(operator, 'mutation { restartCvm(input: { id: "web-ethereum" }) { status } }');
    expect((await gateway.readAudit()).at(-1)).toMatchObject({
      mutation: "restartCvm",
      outcome: "accepted",
      correlationId: expect.stringMatching(/./),
    });
  });
});

describe("an audit log that cannot be written", () => {
  it("takes no answer of a write that was sent, refuses later writes unsent, and lets reads go on", async () => {
    await using own = await startSignIn();
    const token = await own.provider.sign("rita", releaser);
    await own.breakAuditLog();
    const first = await own.ask(token, setVcpu("web-phala"));
    expect(first.errors).toBeUndefined();
    expect(listWrites(own.takeCalls())).toHaveLength(1);
    const second = await own.ask(token, setVcpu("web-legacy"));
    expect(second.errors?.[0]?.extensions).toMatchObject({ code: "AUDIT_UNAVAILABLE", retryable: true });
    expect(listWrites(own.takeCalls())).toEqual([]);
    expect((await own.ask(token, "{ cvms(first: 1) { totalCount } }")).errors).toBeUndefined();
    await own.mendAuditLog();
    const third = await own.ask(token, setVcpu("web-legacy"));
    expect(third.errors).toBeUndefined();
    const lines = await own.readAudit();
    expect(lines.map(({ outcome, code }) => [outcome, code])).toEqual([
      ["accepted", null],
      ["refused", "AUDIT_UNAVAILABLE"],
      ["accepted", null],
    ]);
  });

  it("prevents the start", async () => {
    const log = createLogger("silent");
    await expect(openAuditLog("/nowhere/audit.log", log)).rejects.toThrow(
      "AUDIT_LOG: the file cannot be written.",
    );
  });

  it("on a device without space refuses writes in the same way", async () => {
    const audit = await openAuditLog("/dev/full", createLogger("silent"));
    const { app, close } = createGateway("http://127.0.0.1:9", { audit });
    const codes: (string | undefined)[] = [];
    for (const id of ["a", "b"]) codes.push((await ask(app, setVcpu(id))).errors?.[0]?.extensions.code);
    expect(codes).toEqual(["UPSTREAM_UNAVAILABLE", "AUDIT_UNAVAILABLE"]);
    await close();
  });
});

describe("in pass-through mode", () => {
  it("a line names the caller by a fingerprint of its credential", async () => {
    await using own = await startSignIn({ change: (rules) => ({ ...rules, passthrough: true }) });
    for (const key of ["sandbox-one", "sandbox-two", "sandbox-one"]) {
      await own.ask(null, setVcpu("web-phala"), {}, { "x-api-key": key, "x-phala-workspace": "team-a" });
    }
    const [first, second, third] = await own.readAudit();
    expect(first).toMatchObject({
      workspace: "team-a",
      caller: { credential: expect.stringMatching(/^[\w-]{43}$/) },
    });
    expect(third.caller).toEqual(first.caller);
    expect(second.caller).not.toEqual(first.caller);
    expect(await readFile(join(own.file.folder, "audit.log"), "utf8")).not.toContain("sandbox-one");
  });
});
