import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Hex, parseEther } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { describe, expect, it } from "vitest";
import { startChainGateway } from "../support/chain/chain-gateway.ts";
import { type ChainGateway, readState } from "../support/chain/chain-operations.ts";
import { startProcess } from "../support/process.ts";
import { serve } from "../support/upstream/listen.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/on-chain-update.ts", import.meta.url));
const YAML = "services:\n  web:\n    image: nginx:1.29\n";

/** Run the example to its end with a new compose file, while the clock of the sandbox advances. */
async function runExample(gateway: ChainGateway, signerKey: Hex) {
  await using stack = new AsyncDisposableStack();
  const front = stack.use(await serve(gateway.app));
  const directory = await mkdtemp(join(tmpdir(), "on-chain-update-"));
  stack.defer(() => rm(directory, { recursive: true }));
  const composeFile = join(directory, "docker-compose.yml");
  await writeFile(composeFile, YAML);
  const { address } = privateKeyToAccount(signerKey);
  await gateway.anvil.control.setBalance({ address, value: parseEther("1") });
  const env = {
    GATEWAY_URL: `${front.url}/graphql`,
    API_KEY: "sandbox-test",
    CVM_ID: "chain-app",
    COMPOSE_FILE: composeFile,
    RPC_URL: gateway.anvil.url,
    PRIVATE_KEY: signerKey,
  };
  const example = stack.use(startProcess("examples/on-chain-update.ts", env));
  const clock = setInterval(() => void gateway.advance(1_000), 50);
  stack.defer(() => clearInterval(clock));
  const code = await example.exit();
  const problems = await example.errorOutput();
  return { code, output: example.output(), problems, state: await readState(gateway) };
}

describe("examples/on-chain-update.ts", { tags: ["anvil"] }, () => {
  it("changes the compose file, registers its hash and waits for the restart", async () => {
    const key = generatePrivateKey();
    await using gateway = await startChainGateway({ owner: privateKeyToAccount(key).address });
    const { code, output, problems, state } = await runExample(gateway, key);
    expect(problems).toBe("");
    expect(code).toBe(0);
    expect(output).toContain(`registered ${state.compose.hash}`);
    expect(output).toContain(`running with ${state.compose.hash}`);
  });

  it("sends no transaction when another account owns the contract", async () => {
    await using gateway = await startChainGateway();
    const { code, problems, state } = await runExample(gateway, generatePrivateKey());
    expect(code).toBe(1);
    expect(problems).toContain("must sign. Send the change again with prepareOnly.");
    expect(state.compose.hash).toBe(gateway.composeHash);
  });

  it("has fewer than 80 lines", async () => {
    expect((await readFile(EXAMPLE, "utf8")).split("\n").length).toBeLessThan(80);
  });
});
