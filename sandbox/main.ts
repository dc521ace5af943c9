import { loadSandboxConfig } from "../src/config.ts";
import { startSandbox } from "./server.ts";

const { port, timeScale, chainRpcUrl } = loadSandboxConfig();
const sandbox = await startSandbox({ port, timeScale, chainRpcUrl });

process.stdout.write(`Sandbox of the Phala Cloud REST API
  URL      ${sandbox.url}
  API key  sandbox-demo   (any key that begins with "sandbox-"; each has its own CVMs)
  Clock    ${timeScale === 0 ? "stands still" : `${timeScale} x real time`}; POST ${sandbox.origin}/__sandbox/advance moves it
  Try      curl -s -H 'X-API-Key: sandbox-demo' ${sandbox.url}/cvms/web-phala
`);

const stop = () => void sandbox.close();
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
