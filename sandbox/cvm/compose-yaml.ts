import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import { plainError } from "../http/api-error.ts";

/** A rule of YAML that a text breaks at an offset. */
type Fault = { readonly reason: string; readonly offset: number };

/** Check that a text is YAML with services. Takes linear time: aliases are never expanded. @throws ApiError 422 */
export function checkComposeYaml(text: string): void {
  const lines = new LineCounter();
  const document = parseQuickly(text, lines);
  const fault = findFault(document);
  if (fault !== null) {
    const { line, col } = lines.linePos(fault.offset);
    throw reject(`${fault.reason} at line ${line}, column ${col}`);
  }
  if (!hasServices(document)) throw reject("'services' must be a mapping");
}

function reject(reason: string) {
  return plainError(422, `Invalid docker compose file: ${reason}`);
}

function parseQuickly(text: string, lineCounter: LineCounter): Document {
  const { stackTraceLimit } = Error;
  // The parser creates an error for each fault and each unknown tag. Their stacks cost most of its time.
  Error.stackTraceLimit = 0;
  try {
    // The parser's own check for repeated keys takes time with the square of their number.
    const options = { logLevel: "error", prettyErrors: false, uniqueKeys: false, lineCounter } as const;
    return parseDocument(text, options);
  } catch {
    throw reject("nested too deep");
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function findFault(document: Document): Fault | null {
  const [error] = document.errors;
  if (error !== undefined) return { reason: error.message, offset: error.pos[0] };
  const anchors = new Set<string>();
  let fault: Fault | null = null;
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const reason = `Unresolved alias: ${node.source}`;
        if (!anchors.has(node.source)) fault = { reason, offset: node.range?.[0] ?? 0 };
      } else if (node.anchor !== undefined) anchors.add(node.anchor);
      if (isMap(node)) fault ??= findRepeatedKey(node);
      return fault === null ? undefined : visit.BREAK;
    },
  });
  return fault;
}

function findRepeatedKey({ items }: YAMLMap): Fault | null {
  const keys = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (keys.has(key.value)) return { reason: "Map keys must be unique", offset: key.range?.[0] ?? 0 };
    keys.add(key.value);
  }
  return null;
}

function hasServices(document: Document): boolean {
  const root: Node | null = document.contents;
  if (!isMap(root)) return false;
  const services = root.get("services", true);
  return isMap(isAlias(services) ? services.resolve(document) : services);
}
