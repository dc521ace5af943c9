import { parseArgs } from "node:util";
import { startRedis } from "../support/redis/server.ts";
import { runLoad } from "./run-load.ts";

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "500" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    gateways: { type: "string", default: "1" },
    sigterm: { type: "string" },
  },
});

const gateways = Number(values.gateways);
const redis = gateways > 1 ? await startRedis() : null;
const { logs, ...report } = await runLoad({
  connections: Number(values.connections),
  seconds: Number(values.seconds),
  seed: Number(values.seed),
  gateways,
  ...(redis === null ? {} : { redisUrl: redis.url }),
  ...(values.sigterm === undefined ? {} : { sigtermAfterSeconds: Number(values.sigterm) }),
});
const shown = { seed: values.seed, ...report, problems: report.problems.slice(0, 20) };
process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
const failed = report.problems.length > 0 || report.exitCodes.some((code) => code !== 0);
if (failed) process.stderr.write(`${report.problems.length} contradictions.\n${logs.slice(-4_000)}`);
await redis?.stop();
process.exit(failed ? 1 : 0);
