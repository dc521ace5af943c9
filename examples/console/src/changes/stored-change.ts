import type { ConfigureState } from "@cvm-gateway/client";

/** Change that was interrupted, for example because the page was loaded again. */
export type StoredChange = {
  /** What `resume` of the client needs. It has no value of the environment in plain text. */
  readonly state: ConfigureState;
  readonly labels: readonly string[];
  readonly priceBefore: string | null;
};

const nameOf = (cvmId: string) => `cvm-console.change.${cvmId}`;

/** Keep a change for as long as the tab is open. */
export function keepChange(change: StoredChange): void {
  try {
    sessionStorage.setItem(nameOf(change.state.cvmId), JSON.stringify(change));
  } catch {
    // Without storage, a change that is interrupted cannot be resumed. It can still be applied.
  }
}

/** Forget a change that has ended. */
export function forgetChange(cvmId: string): void {
  sessionStorage.removeItem(nameOf(cvmId));
}

/** Find the change of a CVM that was interrupted. */
export function findStoredChange(cvmId: string): StoredChange | null {
  const text = sessionStorage.getItem(nameOf(cvmId));
  if (text === null) return null;
  try {
    const { state, labels, priceBefore }: StoredChange = JSON.parse(text);
    return { state, labels, priceBefore };
  } catch {
    return null;
  }
}
