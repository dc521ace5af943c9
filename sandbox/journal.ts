/** One request below the base path, as a client sent it, without its credentials. */
export type JournalEntry = {
  readonly method: string;
  /** The path below the base path, still percent-encoded, for example `/cvms/paginated`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[]>>;
  /** Lower-case names; `x-api-key`, `authorization` and `cookie` are left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON where the body parses as JSON, otherwise its text; null without a body. */
  body: unknown;
  /** Null while the request is being answered, and for good when the connection was cut instead. */
  status: number | null;
  /** ISO 8601, on the sandbox's clock. */
  readonly at: string;
};

/** What was asked of the sandbox, oldest first. */
export type Journal = {
  record(entry: JournalEntry): void;
  list(): readonly JournalEntry[];
  clear(): void;
};

/** Old entries make room for new ones, so that a sandbox that runs for weeks does not grow. */
const MAX_ENTRIES = 10_000;

const CREDENTIAL_HEADERS = new Set(["x-api-key", "authorization", "cookie", "proxy-authorization"]);

/** Makes an empty journal. */
export function createJournal(): Journal {
  let entries: JournalEntry[] = [];
  return {
    record(entry) {
      entries.push(entry);
      // Twice the limit before cutting: one slice per 10,000 requests instead of one per request.
      if (entries.length >= 2 * MAX_ENTRIES) entries = entries.slice(-MAX_ENTRIES);
    },
    list: () => entries.slice(-MAX_ENTRIES),
    clear() {
      entries = [];
    },
  };
}

/** Copies headers with lower-case names and without those that hold a credential. */
export function withoutCredentials(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => !CREDENTIAL_HEADERS.has(name.toLowerCase())));
}

/** Reads a body for the journal: JSON if it is JSON, else text; null when it is empty. */
export function describeBody(body: Uint8Array): unknown {
  if (body.length === 0) return null;
  const text = new TextDecoder().decode(body);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

/** Collects a query; a name that stands there several times gives an array. */
export function describeQuery(query: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(query.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = query.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? "")];
    }),
  );
}
