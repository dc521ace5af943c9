import { deriveHex } from "../identity.ts";

/** A node: a machine that runs CVMs ("teepod" in older names). */
export type Node = {
  readonly id: number;
  readonly name: string;
  readonly region: string;
  /** TEE hardware id, 64 hex digits. App contracts allow devices by this id. */
  readonly deviceId: string;
  readonly ppid: string;
  readonly fmspc: string;
  readonly version: string;
  readonly hasGpu: boolean;
};

function createNode(id: number, name: string, region: string, hasGpu = false): Node {
  return {
    id,
    name,
    region,
    deviceId: deriveHex(64, "device", name),
    ppid: deriveHex(32, "ppid", name),
    fmspc: "B0C06F000000",
    version: "0.5.5",
    hasGpu,
  };
}

/** The nodes of the sandbox, shared by all workspaces. */
export const NODES = {
  main: createNode(18, "prod9", "US-WEST-1"),
  second: createNode(26, "prod10", "EU-WEST-1"),
  locked: createNode(31, "prod11", "US-EAST-1"),
  gpu: createNode(40, "gpu-use2", "US-EAST-2", true),
} as const satisfies Readonly<Record<string, Node>>;

/** Every node, in the order of the API. */
export const NODE_LIST: readonly Node[] = Object.values(NODES);

/** Find a node by its number; undefined if there is none. */
export function findNode(id: number): Node | undefined {
  return NODE_LIST.find((node) => node.id === id);
}
