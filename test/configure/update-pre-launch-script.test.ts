import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { UPDATE_SCRIPT } from "../support/mutations.ts";
import { describeTextUpdate } from "./text-update.ts";

describe("updatePreLaunchScript", () => {
  describeTextUpdate({
    name: "updatePreLaunchScript",
    query: UPDATE_SCRIPT,
    path: "pre-launch-script",
    type: "text/plain",
    field: "preLaunchScript",
    text: "#!/bin/sh\necho hello\n",
    read: "preLaunchScript",
  });

  it("rejects an empty script with a message that names the way to remove it: configureCvm", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(UPDATE_SCRIPT, { input: { id: "web-phala", preLaunchScript: "" } });
    expect(errors?.[0]?.message).toContain("configureCvm");
  });
});
