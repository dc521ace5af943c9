import { readFileSync } from "node:fs";
import { cpus, release, type as systemType, totalmem } from "node:os";
import type { Cores } from "./cores.ts";

/** Machine that a run was made on. Without names. */
export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly pinned: boolean;
};

/** Describe this machine. */
export function describeMachine(cores: Cores): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 1_024 ** 3),
    system: `${systemType()} ${release().split(/[-+]/)[0]}`,
    node: process.version,
    pinned: cores !== null,
  };
}

/** Versions of the packages that the servers use, from package.json. */
export function readVersions(): Readonly<Record<string, string>> {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(text);
  return dependencies;
}
