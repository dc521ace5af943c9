import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { z } from "zod";
import { type AccessFile, fileShape } from "./file-shape.ts";

type Path = readonly PropertyKey[];

/** A problem of an access file. Lines and columns start at 1. No message quotes the file. */
export type FileProblem = { readonly line: number; readonly column: number; readonly message: string };

/** An access file that was read, and everything that is wrong with it. */
export type ParsedFile = {
  /** Null if it cannot be used. */
  readonly file: AccessFile | null;
  /** The workspaces, if that part of the file is valid. */
  readonly workspaces: AccessFile["workspaces"];
  readonly problems: readonly FileProblem[];
  /** Describe a problem at a path of the file. */
  describe(path: Path, message: string): FileProblem;
};

function findKeyNode(parent: unknown, key: PropertyKey): Node | null {
  if (!isMap(parent)) return null;
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
  return isNode(pair?.key) ? pair.key : null;
}

/** Find the node at a path, or the nearest one above it. A mapping and an unknown key are named by their key. */
function findNode(document: Document, path: Path, isUnknownKey: boolean): Node | null {
  for (let length = path.length; length > 0; length -= 1) {
    const [key = "", parents] = [path[length - 1], path.slice(0, length - 1)];
    const parent = parents.length === 0 ? document.contents : document.getIn(parents, true);
    const value = document.getIn(path.slice(0, length), true);
    const node = isScalar(value) && !isUnknownKey ? value : (findKeyNode(parent, key) ?? value);
    if (isNode(node)) return node;
  }
  return document.contents;
}

/** Return the path of the input that an issue is about, and of each unknown key. */
function listPaths(issue: z.core.$ZodIssue): Path[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...issue.path, key]);
  return [issue.path];
}

function toMessage(document: Document, { code, message }: z.core.$ZodIssue, path: Path): string {
  if (code === "unrecognized_keys") return "is not a known key";
  if (code === "invalid_key") return "must be named with 1 to 64 letters, digits, - or _";
  return path.length > 0 && !document.hasIn(path) ? "is missing" : message;
}

/** The parts that refer to each other, as far as they have the right form. Other problems do not hide these. */
const referringParts = z.object({
  issuers: z.array(z.object({ issuer: z.string(), header: z.string().catch("authorization") })).catch([]),
  workspaces: z.record(z.string(), z.unknown()).catch({}),
  roles: z.record(z.string(), z.unknown()).catch({}),
  grants: z
    .array(z.object({ role: z.unknown(), workspace: z.unknown(), issuer: z.unknown() }).partial().catch({}))
    .catch([]),
});

/** Find references to parts that the file does not have, and issuers that cannot be told apart. */
function findBrokenReferences(content: unknown): [Path, string][] {
  const parsed = referringParts.safeParse(content);
  if (!parsed.success) return [];
  const { issuers, workspaces, roles, grants } = parsed.data;
  const isUnknown = (value: unknown, known: object) =>
    typeof value === "string" && !Object.hasOwn(known, value);
  const byUrl = Object.fromEntries(issuers.map((entry) => [entry.issuer, entry]));
  const repeated = issuers.flatMap(({ issuer, header }, index): [Path, string][] => {
    const same = (other: { issuer: string; header: string }) =>
      other.issuer === issuer && other.header.toLowerCase() === header.toLowerCase();
    return issuers.findIndex(same) === index
      ? []
      : [[["issuers", index, "issuer"], "is listed twice with the same header"]];
  });
  const broken = grants.flatMap(({ role, workspace, issuer }, index): [Path, string][] => [
    ...(isUnknown(role, roles) ? [reference(index, "role")] : []),
    ...(isUnknown(workspace, workspaces) ? [reference(index, "workspace")] : []),
    ...(isUnknown(issuer, byUrl) ? [reference(index, "issuer")] : []),
  ]);
  return [...repeated, ...broken];
}

function reference(index: number, kind: "role" | "workspace" | "issuer"): [Path, string] {
  return [["grants", index, kind], `is not in ${kind}s of this file`];
}

function formatPath(path: Path): string {
  return path.length === 0 ? "the file" : path.map(String).join(".");
}

/** Parse an access file. It finds all problems. */
export function parseAccessFile(text: string): ParsedFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const locate = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const describe = (path: Path, message: string, isUnknownKey = false): FileProblem => ({
    ...locate(findNode(document, path, isUnknownKey)?.range?.[0] ?? 0),
    message: `${formatPath(path)} ${message}`,
  });
  const faults = [...document.errors, ...document.warnings].map(({ pos, code }) => ({
    ...locate(pos[0]),
    message: `the file is not valid YAML (${code})`,
  }));
  const unusable = (problems: readonly FileProblem[]) => ({ file: null, workspaces: {}, problems, describe });
  if (faults.length > 0) return unusable(faults);
  let content: unknown;
  try {
    content = document.toJS();
  } catch {
    return unusable([describe([], "has an alias without an anchor before it, or too many aliases")]);
  }
  const parsed = fileShape.safeParse(content);
  const issues = parsed.error?.issues ?? [];
  const problems = [
    ...issues.flatMap((issue) =>
      listPaths(issue).map((path) =>
        describe(path, toMessage(document, issue, path), issue.code === "unrecognized_keys"),
      ),
    ),
    ...findBrokenReferences(content).map(([path, message]) => describe(path, message)),
  ];
  const workspaces = fileShape.pick({ workspaces: true }).strip().safeParse(content).data?.workspaces ?? {};
  return { file: parsed.data ?? null, workspaces, problems, describe };
}
