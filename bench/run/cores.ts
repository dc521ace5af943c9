import { execFileSync } from "node:child_process";

/** Processors of the servers and of everything else. Null: processes cannot be pinned here. */
export type Cores = { readonly server: string; readonly load: string } | null;

/** Parse a list of processors such as `0,2-4`. */
function parseCores(text: string): number[] {
  return text.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * Reserve the last processor for the server under test, and move this process to the others, with all processes
 * that it starts. Needs `taskset` and two processors.
 */
export function reserveCores(): Cores {
  try {
    const pid = String(process.pid);
    const output = execFileSync("taskset", ["-cp", pid], { encoding: "utf8" });
    const cores = parseCores(output.trim().split(": ").at(-1) ?? "");
    const server = cores.pop();
    if (server === undefined || cores.length === 0) return null;
    const load = cores.join(",");
    execFileSync("taskset", ["-acp", load, pid]);
    return { server: String(server), load };
  } catch {
    return null;
  }
}

/** Command that runs node, on the processor of the servers if processes can be pinned. */
export function nodeCommand(cores: Cores): readonly string[] {
  return cores === null ? [process.execPath] : ["taskset", "-c", cores.server, process.execPath];
}
