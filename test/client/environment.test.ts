import { describe, expect, it } from "vitest";
import { type ConfigureState, CvmGatewayError } from "../../packages/client/src/index.ts";
import { sealEnv } from "../../packages/client/src/seal.ts";
import { createKmsCatalog } from "../../sandbox/catalog/kms.ts";
import { QUICK, startClientGateway } from "./client-gateway.ts";

const ROOT_KEY = createKmsCatalog(null).base.k256PublicKey;
const OTHER_KEY = createKmsCatalog(null).ethereum.k256PublicKey;

const ENV = [
  { key: "DATABASE_URL", value: "postgres://secret-host" },
  { key: "API_TOKEN", value: "secret-token" },
];

type Gateway = Awaited<ReturnType<typeof startClientGateway>>;

/** Read the environment that the guest has decrypted. */
async function readGuestEnv(gateway: Gateway, id: string): Promise<unknown> {
  const response = await gateway.control("GET", `cvms/${id}/env`);
  return (await response.json()).env;
}

describe("configure with an environment", () => {
  it("seals it to a verified key, so that only the guest reads it", async () => {
    await using gateway = await startClientGateway();
    const states: ConfigureState[] = [];
    const result = await gateway.client.configure(
      { id: "web-base", env: ENV },
      { trustedRootKeys: [ROOT_KEY], onPrepared: (state) => void states.push(state) },
    );
    expect(result.status).toBe("COMPLETED");
    expect(await readGuestEnv(gateway, "web-base")).toEqual(ENV);
    const journal = await (await gateway.control("GET", "journal")).text();
    expect(journal).toContain("encrypted_env");
    expect(journal + JSON.stringify(states)).not.toMatch(/secret-/);
  });

  it("accepts the result of sealEnv", async () => {
    await using gateway = await startClientGateway();
    const query = 'query { cvm(id: "web-phala") { envEncryptionKey { publicKey } } }';
    const { cvm } = await gateway.client.query<{ cvm: { envEncryptionKey: { publicKey: string } } }>(query);
    const encryptedEnv = sealEnv(ENV, cvm.envEncryptionKey.publicKey);
    const keys = ENV.map(({ key }) => key);
    await gateway.client.configure({ id: "web-phala", env: { encrypted: { encryptedEnv, keys } } });
    expect(await readGuestEnv(gateway, "web-phala")).toEqual(ENV);
  });

  it.each([
    ["no root key is trusted", "web-base", {}],
    ["another root key is trusted", "web-base", { trustedRootKeys: [OTHER_KEY] }],
    [
      "another root key is trusted, even if unverified keys are allowed",
      "web-base",
      { trustedRootKeys: [OTHER_KEY], allowUnverifiedKey: true },
    ],
    ["the KMS signs no keys", "web-phala", { trustedRootKeys: [ROOT_KEY] }],
    ["the app is another one", "web-base", { trustedRootKeys: [ROOT_KEY], appId: "00".repeat(20) }],
  ])("sends nothing if %s", async (_name, id, options) => {
    await using gateway = await startClientGateway();
    const change = gateway.client.configure({ id, env: ENV }, options);
    await expect(change).rejects.toThrow(CvmGatewayError);
    await expect(change).rejects.toMatchObject({ code: "KMS_KEY_NOT_TRUSTED" });
    expect(await gateway.listWrites()).toEqual([]);
  });

  it("seals to an unsigned key if that is allowed", async () => {
    await using gateway = await startClientGateway();
    const options = { ...QUICK, allowUnverifiedKey: true };
    expect((await gateway.client.configure({ id: "web-phala", env: ENV }, options)).status).toBe("COMPLETED");
    expect(await readGuestEnv(gateway, "web-phala")).toEqual(ENV);
  });

  it("rejects an environment that the guest would not accept, without its values", async () => {
    await using gateway = await startClientGateway();
    const env = [{ key: "1BAD", value: "secret-token" }];
    const change = gateway.client.configure({ id: "web-phala", env }, { allowUnverifiedKey: true });
    await expect(change).rejects.toMatchObject({ name: "CryptoError", reason: "bad-env" });
    await expect(change).rejects.not.toThrow(/secret-/);
  });
});
