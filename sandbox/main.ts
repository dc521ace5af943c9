import { loadSandboxConfig } from "../src/config.ts";
import { startSandbox } from "./server.ts";

const { port, timeScale, chainRpcUrl } = loadSandboxConfig();
const sandbox = await startSandbox({ port, timeScale, chainRpcUrl });

const speed = timeScale === 0 ? "Stopped." : `Runs at ${timeScale} x real time.`;

process.stdout.write(`Sandbox of the Phala Cloud REST API
  URL      ${sandbox.url}
  API key  sandbox-demo. Any key that starts with "sandbox-" works. Each key has its own CVMs.
  Clock    ${speed} Move it forward with POST ${sandbox.origin}/__sandbox/advance.
${chainRpcUrl === undefined ? `  Chain    ${sandbox.origin}/__sandbox/rpc (JSON-RPC)\n` : ""}  Journal  ${sandbox.origin}/__sandbox/journal
  Try it   curl -s -H 'X-API-Key: sandbox-demo' ${sandbox.url}/cvms/web-phala
`);

const stop = () => void sandbox.close();
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
