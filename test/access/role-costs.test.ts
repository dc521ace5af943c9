import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schema } from "../../src/schema/schema.ts";
import { estimateUpstreamCalls } from "../../src/server/guards/upstream-budget.ts";
import { setVcpu, writeMutation } from "../support/mutations.ts";
import { type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";

const hash = "ab".repeat(32);
const proof = { composeHash: hash, transactionHash: hash };
const compose = "services:\n  app:\n    image: nginx:1.27.3\n";
const env = { encrypted: { encryptedEnv: "cd".repeat(80), keys: ["DATABASE_URL", "API_TOKEN"] } };

/** Mutations, each with the least that it needs. */
const mutations: readonly (readonly [name: string, input: object])[] = [
  ["startCvm", {}],
  ["stopCvm", {}],
  ["restartCvm", {}],
  ["configureCvm", { vcpu: 2 }],
  ["confirmCvmPatch", proof],
  ["commitCvmUpdate", { ...proof, token: "made-up" }],
  ["updateCvmEnvs", { env }],
  ["updateCvmVisibility", { publicLogs: true, publicSysinfo: true }],
  ["updateDockerCompose", { dockerComposeFile: compose, ...proof }],
  ["updatePreLaunchScript", { preLaunchScript: "true" }],
  ["provisionCvmComposeFileUpdate", { appCompose: { dockerComposeFile: compose } }],
  ["commitCvmComposeFileUpdate", { composeHash: hash }],
];

const all = ["read", "power", "configure", "environment", "confirm"];

let gateway: SignInGateway;
beforeAll(async () => {
  gateway = await startSignIn({
    isAudited: false,
    change: (rules) => ({
      ...rules,
      roles: { general: { allow: all }, limited: { allow: all, cvms: ["web-*"] } },
      grants: ["general", "limited"].map((role) => ({
        claim: "role",
        has: role,
        role,
        workspace: "production",
      })),
    }),
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const facts = {
  general: { rights: { hasLimits: false, staysInWorkspace: true } },
  limited: { rights: { hasLimits: true, staysInWorkspace: true } },
};

/** Nothing of an access file counts for a caller with an own credential. */
const passthrough = { rights: { hasLimits: false, staysInWorkspace: false } };

describe("the declared cost of a write", () => {
  it("covers every call of a role, and what the roles add to it", async () => {
    const sign = (role: string) => gateway.provider.sign(`${role}-1`, { role });
    const tokens = { general: await sign("general"), limited: await sign("limited") };
    const names = ["web-phala", "web-base"];
    const { data } = await gateway.ask(tokens.general, "{ cvms(first: 50) { nodes { id name } } }");
    const ids = data.cvms.nodes
      .filter(({ name }: { name: string }) => names.includes(name))
      .map(({ id }: { id: string }) => id);
    for (const [name, input] of mutations) {
      const query = writeMutation(name, name.startsWith("provision") ? "composeHash" : "__typename");
      for (const id of [...ids, ...names]) {
        const variableValues = { input: { id, ...input } };
        const costed = { schema, document: parse(query), variables: variableValues };
        const count = async (role: "general" | "limited") => {
          gateway.takeCalls();
          const { errors = [] } = await gateway.ask(tokens[role], query, variableValues);
          expect(errors.map(({ extensions }) => extensions.code)).not.toContain("GRAPHQL_VALIDATION_FAILED");
          await gateway.advance(600_000);
          const sent = gateway.takeCalls();
          const calls = estimateUpstreamCalls({ ...costed, facts: facts[role] });
          const place = `${role} ${name} ${id}: ${sent.map(({ path }) => path).join(" ")}`;
          expect(calls, place).toBeGreaterThanOrEqual(sent.length);
          return { sent: sent.length, calls, place };
        };
        const [general, limited] = [await count("general"), await count("limited")];
        const calls = estimateUpstreamCalls({ ...costed, facts: passthrough });
        expect(general.calls - calls, general.place).toBe(name === "commitCvmUpdate" ? 1 : 0);
        expect(limited.calls - general.calls, `${general.place}, ${limited.place}`).toBeGreaterThanOrEqual(
          limited.sent - general.sent,
        );
      }
    }
  }, 60_000);

  it("counts the check of a role, also in a document without variables that another caller sent before", async () => {
    const changes = [..."abcdefghi"].map(
      (name) => `${name}: ${setVcpu(`cvm_${name.repeat(8)}`).slice(11, -2)}`,
    );
    const ask = async (role: string) =>
      (
        await gateway.ask(
          await gateway.provider.sign(`${role}-2`, { role }),
          `mutation { ${changes.join(" ")} }`,
        )
      ).errors?.[0];
    expect((await ask("general"))?.extensions.code).toBe("NOT_FOUND");
    expect((await ask("limited"))?.message).toContain("can cost 54 upstream calls; the limit is 50");
    expect((await ask("general"))?.extensions.code).toBe("NOT_FOUND");
  });
});
