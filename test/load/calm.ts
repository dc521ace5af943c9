import { runLoad } from "./run-calm.ts";
const r = await runLoad({ connections: 50, seconds: 5, seed: 3, gateways: 1 });
process.stdout.write(JSON.stringify({ ...r, problems: r.problems.slice(0, 5) }, null, 1));
