import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startMain } from "../support/process.ts";

const run = promisify(execFile);

/** Return the numbered steps of the quick start: the commands, and the output that the text shows. */
async function readSteps(): Promise<{ commands: string; shown: string }[]> {
  const text = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  return text
    .split(/^\*\*\d\. /m)
    .slice(1)
    .map((step) => {
      const [, commands = "", , output = ""] = step.split("```");
      return { commands: commands.replace(/^sh\n/, ""), shown: output.replace(/^(?:json)?\n/, "").trim() };
    });
}

describe("the quick start of the README", { tags: ["curl"] }, () => {
  it("shows what its commands print on a sandbox that has just started", async () => {
    await using gateway = await startMain({ SANDBOX_TIME_SCALE: "10" });
    const [, sandbox = ""] = gateway.output().match(/sandbox at (http:\/\/[\d.:]+)/) ?? [];
    const steps = await readSteps();
    expect(steps).toHaveLength(4);
    for (const { commands, shown } of steps) {
      const script = commands
        .replaceAll("http://127.0.0.1:4000", gateway.url)
        .replaceAll("http://127.0.0.1:4001", sandbox);
      const { stdout } = await run("bash", ["-c", script]);
      if (shown.startsWith("event:")) expect(stdout).toContain('"status":"COMPLETED"');
      else expect(stdout.trim()).toBe(shown);
    }
  }, 30_000);
});
