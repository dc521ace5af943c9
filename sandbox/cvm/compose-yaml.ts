import { isScalar, LineCounter, parseDocument, visit, type YAMLMap } from "yaml";
import { z } from "zod";
import { plainError } from "../http/api-error.ts";

const MAX_ALIASES = 100;

const composeFile = z.looseObject({ services: z.record(z.string(), z.unknown()) });

/** Check that a text is YAML with services. @throws ApiError 422 */
export function checkComposeYaml(text: string): void {
  if (!composeFile.safeParse(parseYaml(text)).success) {
    throw plainError(422, "Invalid docker compose file: 'services' must be a mapping");
  }
}

function parseYaml(text: string): unknown {
  const { stackTraceLimit } = Error;
  // The parser creates an error for each fault and each unknown tag. Their stacks cost most of its time.
  Error.stackTraceLimit = 0;
  try {
    const lines = new LineCounter();
    // The parser's own check for repeated keys takes time with the square of their number.
    const options = {
      logLevel: "error",
      prettyErrors: false,
      uniqueKeys: false,
      lineCounter: lines,
    } as const;
    const document = parseDocument(text, options);
    const fault = document.errors[0];
    const offset = fault?.pos[0] ?? findRepeatedKey(document);
    if (offset === null) return document.toJS({ maxAliasCount: MAX_ALIASES });
    const { line, col } = lines.linePos(offset);
    throw new Error(`${fault?.message ?? "Map keys must be unique"} at line ${line}, column ${col}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : "not YAML";
    throw plainError(422, `Invalid docker compose file: ${reason}`);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Find a scalar key that is twice in its mapping. @returns its offset, or null */
function findRepeatedKey(document: ReturnType<typeof parseDocument>): number | null {
  let offset: number | null = null;
  visit(document, {
    Map(_key, node) {
      offset = findRepeatedKeyOf(node);
      return offset === null ? undefined : visit.BREAK;
    },
  });
  return offset;
}

function findRepeatedKeyOf({ items }: YAMLMap): number | null {
  const keys = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (keys.has(key.value)) return key.range?.[0] ?? 0;
    keys.add(key.value);
  }
  return null;
}
