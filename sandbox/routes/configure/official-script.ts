import type { Hono } from "hono";
import { hashText } from "../../cvm/app-compose.ts";
import { buildChange } from "../../cvm/change.ts";
import type { Cvm } from "../../cvm/types.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { SETUP_SCRIPT } from "../../workspace/seed-compose.ts";
import type { World } from "../../world.ts";
import { operationResponse, parseProofHeaders, runPhase } from "./phases.ts";

/** The newest official script of the sandbox: the script of the seed and one more line. */
const OFFICIAL_SCRIPT = `${SETUP_SCRIPT}echo "official script 0.0.14"\n`;

/** Register the status and the upgrade of the platform's own pre-launch script. */
export function registerOfficialScript(app: Hono<ApiEnv>, world: World): void {
  app.get("/cvms/:id/pre-launch-script/upgrade-status", (c) =>
    jsonResponse(200, describeUpgrade(c.get("cvm"))),
  );

  app.post("/cvms/:id/pre-launch-script/upgrade-to-latest-official", async (c) => {
    const cvm = c.get("cvm");
    const change = buildChange(cvm, { pre_launch_script: OFFICIAL_SCRIPT });
    return operationResponse(await runPhase(world, c, cvm, change, parseProofHeaders(c)));
  });
}

function describeUpgrade(cvm: Cvm) {
  const script = cvm.config.compose.json.pre_launch_script;
  const isLatest = script === OFFICIAL_SCRIPT;
  const isOfficial = isLatest || script === SETUP_SCRIPT;
  return {
    current_hash: script == null ? null : hashText(script),
    latest_official_hash: hashText(OFFICIAL_SCRIPT),
    is_official: isOfficial,
    is_latest: isLatest,
    can_upgrade: isOfficial && !isLatest,
  };
}
