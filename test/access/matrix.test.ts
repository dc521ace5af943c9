import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeMutation } from "../support/mutations.ts";
import { createRules } from "../support/sign-in/access-file.ts";
import { listWrites, type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";
import { openTransport, transports } from "../support/sign-in/transports.ts";

const hash = "ab".repeat(32);
const proof = { composeHash: hash, transactionHash: hash };
const compose = "services:\n  app:\n    image: nginx:1.27.3\n";
const env = { encrypted: { encryptedEnv: "cd".repeat(80), keys: ["DATABASE_URL", "API_TOKEN"] } };

type Mutation = readonly [name: string, input: object, needed: readonly string[]];

/** Every mutation, with an input and the permissions that the issue of this API names for it. */
const mutations: readonly Mutation[] = [
  ["startCvm", {}, ["power"]],
  ["stopCvm", {}, ["power"]],
  ["shutdownCvm", {}, ["power"]],
  ["restartCvm", { force: true }, ["power"]],
  ["configureCvm", { vcpu: 2 }, ["configure"]],
  ["configureCvm", { env }, ["environment"]],
  ["configureCvm", { env, publicLogs: true }, ["configure", "environment"]],
  ["configureCvm", { allowedEnvs: ["DATABASE_URL", "API_TOKEN", "X"] }, ["environment"]],
  ["confirmCvmPatch", proof, ["confirm"]],
  ["commitCvmUpdate", { ...proof, token: "made-up" }, ["confirm"]],
  ["updateCvmEnvs", { env }, ["environment"]],
  ["updateCvmEnvs", { env, ...proof }, ["environment", "confirm"]],
  ["updateCvmResources", { vcpu: 2 }, ["configure"]],
  ["updateCvmVisibility", { publicLogs: true, publicSysinfo: true }, ["configure"]],
  ["updateDockerCompose", { dockerComposeFile: compose }, ["configure"]],
  ["updateDockerCompose", { dockerComposeFile: compose, ...proof }, ["configure", "confirm"]],
  ["updateOsImage", { osImageName: "dstack-0.5.3" }, ["configure"]],
  ["updatePreLaunchScript", { preLaunchScript: "true" }, ["configure"]],
  ["provisionCvmComposeFileUpdate", { appCompose: { dockerComposeFile: compose } }, ["configure"]],
  ["commitCvmComposeFileUpdate", { composeHash: hash }, ["confirm"]],
  ["commitCvmComposeFileUpdate", { composeHash: hash, env: env.encrypted }, ["environment", "confirm"]],
];

/** The roles, each with its permissions and with the CVMs that it may change. */
const roles = {
  viewer: { allow: ["read"], cvms: undefined },
  planner: { allow: ["read", "plan"], cvms: undefined },
  operator: { allow: ["read", "plan", "power", "configure"], cvms: ["web-*"] },
  releaser: { allow: ["read", "plan", "configure", "environment", "confirm"], cvms: undefined },
  approver: { allow: ["confirm"], cvms: ["app:APP"] },
  keeper: { allow: ["power"], cvms: ["ID"] },
} as const;

type RoleName = keyof typeof roles;

let gateway: SignInGateway;
/** The CVMs by their name. */
let cvms: Readonly<Record<string, { id: string; appId: string; vmUuid: string }>> = {};

/** Write the access file of the matrix. The last two roles are limited by the app and by the id of a CVM. */
function writeRules(rules: object): object {
  const approver = { ...roles.approver, cvms: [`app:${cvms["web-base"]?.appId ?? "0".repeat(40)}`] };
  const keeper = { ...roles.keeper, cvms: [cvms["dev-image"]?.id ?? "cvm_unknown"] };
  const grants = Object.keys(roles).map((role) => ({
    claim: "role",
    has: role,
    role,
    workspace: "production",
  }));
  return { ...rules, roles: { ...roles, approver, keeper }, grants };
}

beforeAll(async () => {
  gateway = await startSignIn({ change: writeRules });
  const token = await gateway.provider.sign("setup", { role: "viewer" });
  const { data } = await gateway.ask(token, "{ cvms(first: 50) { nodes { id name appId vmUuid } } }");
  cvms = Object.fromEntries(data.cvms.nodes.map((cvm: { name: string }) => [cvm.name, cvm]));
  await gateway.file.write(writeRules(createRules(gateway.provider.issuer)));
  await gateway.access.reload();
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** The CVMs of the matrix, and the roles that may change them. */
const targets: readonly (readonly [name: string, changedBy: readonly RoleName[]])[] = [
  ["web-phala", ["operator", "releaser"]],
  ["web-base", ["operator", "releaser", "approver"]],
  ["dev-image", ["releaser", "keeper"]],
];

function isAllowed(role: RoleName, needed: readonly string[], changedBy: readonly RoleName[]): boolean {
  const { allow } = roles[role];
  return changedBy.includes(role) && needed.every((name) => allow.some((own) => own === name));
}

function findMissing(role: RoleName, needed: readonly string[]): readonly string[] {
  const { allow } = roles[role];
  const lacking = needed.filter((name) => !allow.some((own) => own === name));
  return lacking.length > 0 ? lacking : needed;
}

describe.each(transports)("over %s", (transport) => {
  it.each(Object.keys(roles) as RoleName[])(
    "a %s changes what its role allows, and nothing else",
    async (role) => {
      const token = await gateway.provider.sign(`${role}-1`, { role });
      const sender = openTransport(transport, gateway.url, { authorization: `Bearer ${token}` });
      const send = async (target: string, [name, input]: Mutation) => {
        const selection = name.startsWith("provision") ? "composeHash" : "__typename";
        const variables = { input: { id: target, ...input } };
        const [result = {}] = await sender.send(writeMutation(name, selection), variables);
        return { error: result.errors?.[0], place: `${role} ${name} ${target}` };
      };
      for (const [target, changedBy] of targets) {
        const isOwn = ([, , needed]: Mutation) => isAllowed(role, needed, changedBy);
        gateway.takeCalls();
        const refusals = mutations
          .filter((mutation) => !isOwn(mutation))
          .map(async (mutation) => {
            const { error, place } = await send(target, mutation);
            expect(error?.extensions.code, place).toBe("FORBIDDEN");
            for (const missing of findMissing(role, mutation[2])) {
              expect(error?.message, place).toContain(`"${missing}"`);
            }
          });
        await Promise.all(refusals);
        expect(listWrites(gateway.takeCalls())).toEqual([]);
        for (const mutation of mutations.filter(isOwn)) {
          const { error, place } = await send(target, mutation);
          expect(["FORBIDDEN", "UNAUTHENTICATED"], place).not.toContain(error?.extensions.code);
        }
        for (const { headers } of gateway.takeCalls()) expect(headers).not.toHaveProperty("authorization");
      }
      sender.close();
    },
    60_000,
  );
});
