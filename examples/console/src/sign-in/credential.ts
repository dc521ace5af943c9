/** What the page sends to the gateway. It is only in memory, so a reload forgets it. */
export type Credential = {
  /** `none`: a person who only has a commit link. */
  readonly kind: "token" | "key" | "none";
  readonly headers: Readonly<Record<string, string>>;
  /** When a token ends, in milliseconds since 1970. Null if that is not known. */
  readonly expiresAt: number | null;
};

/** A commit link needs no credential besides its token. */
export const NO_CREDENTIAL: Credential = { kind: "none", headers: {}, expiresAt: null };

/** Credential of a person who has signed in at the identity provider. */
export function createTokenCredential(token: string, expiresInSeconds: number | undefined): Credential {
  return {
    kind: "token",
    headers: { authorization: `Bearer ${token}` },
    expiresAt: expiresInSeconds === undefined ? null : Date.now() + expiresInSeconds * 1000,
  };
}

/** Credential of a person who has typed an API key. */
export function createKeyCredential(key: string, workspace: string): Credential {
  const slug = workspace.trim();
  return {
    kind: "key",
    headers: { "x-api-key": key.trim(), ...(slug !== "" && { "x-phala-workspace": slug }) },
    expiresAt: null,
  };
}
