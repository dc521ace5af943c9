/** A request below the base path, as the client sent it, without its credentials. */
export type JournalEntry = {
  readonly method: string;
  /** The path below the base path, percent-encoded, for example `/cvms/paginated`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[]>>;
  /** Lower-case names. Headers that hold credentials are left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body if it is JSON, otherwise its text; null without a body. */
  body: unknown;
  /** Null until the request is answered. Stays null when the connection was cut instead. */
  status: number | null;
  /** When the request arrived, on the clock of the sandbox. ISO 8601. */
  readonly at: string;
};

/** Journal of the requests to a sandbox, oldest first. */
export type Journal = {
  record(entry: JournalEntry): void;
  list(): readonly JournalEntry[];
  clear(): void;
};

/** Entries kept. Older ones are dropped, to bound the memory of a sandbox that runs for weeks. */
const MAX_ENTRIES = 10_000;

const CREDENTIAL_HEADERS = new Set(["x-api-key", "authorization", "cookie", "proxy-authorization"]);

/** Create an empty journal. */
export function createJournal(): Journal {
  let entries: JournalEntry[] = [];
  return {
    record(entry) {
      entries.push(entry);
      // Cut only at twice the limit: one copy per 10,000 requests instead of one per request.
      if (entries.length >= 2 * MAX_ENTRIES) entries = entries.slice(-MAX_ENTRIES);
    },
    list: () => entries.slice(-MAX_ENTRIES),
    clear() {
      entries = [];
    },
  };
}

/** Copy the headers, with lower-case names and without those that hold a credential. */
export function withoutCredentials(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => !CREDENTIAL_HEADERS.has(name.toLowerCase())));
}

/** Decode a body for the journal: JSON if it is JSON, otherwise text; null when it is empty. */
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

/** Collect a query. A repeated name gives an array. */
export function describeQuery(query: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(query.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = query.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? "")];
    }),
  );
}
