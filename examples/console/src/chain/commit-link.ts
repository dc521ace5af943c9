/** What a person needs who commits a prepared change. */
export type CommitTicket = { readonly composeHash: string; readonly token: string };

/**
 * Make the link with which a prepared change is committed. The commit token is in the fragment, which browsers do not
 * send to any server.
 */
export function createCommitLink(cvmId: string, { composeHash, token }: CommitTicket): string {
  const fragment = new URLSearchParams({ hash: composeHash, token });
  return `${location.origin}/cvms/${encodeURIComponent(cvmId)}/commit#${fragment}`;
}

/** Read what a link has. Null if it is not complete. */
export function readCommitLink(fragment: string): CommitTicket | null {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const composeHash = values.get("hash");
  const token = values.get("token");
  if (composeHash === null || token === null || !/^[0-9a-f]{64}$/.test(composeHash)) return null;
  return { composeHash, token };
}

/** Find the CVM and the ticket in the address of the page, if it is a commit link. */
export function findCommitLink(): { readonly cvmId: string; readonly ticket: CommitTicket } | null {
  const [, id] = /^\/cvms\/([^/]+)\/commit$/.exec(location.pathname) ?? [];
  const ticket = readCommitLink(location.hash);
  return id === undefined || ticket === null ? null : { cvmId: decodeURIComponent(id), ticket };
}

/** Save a text as a file of the person. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
