import { useEffect, useRef } from "react";
import type { CvmDetailsFragment } from "../gql/graphql.ts";

/** Entries that are read at once. */
export const PAGE_SIZE = 10;

/** Read the newest entries again when an operation begins or ends, and when the configuration changes. */
export function useNewEntries(
  { inProgress, configVersion }: Pick<CvmDetailsFragment, "inProgress" | "configVersion">,
  refetch: () => unknown,
): void {
  const present = `${inProgress} ${configVersion}`;
  const seen = useRef(present);
  useEffect(() => {
    if (seen.current === present) return;
    seen.current = present;
    refetch();
  }, [present, refetch]);
}
