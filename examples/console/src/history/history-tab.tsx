import { Operations } from "./operations.tsx";
import { Revisions } from "./revisions.tsx";

/** What happened to a CVM. */
export function HistoryTab() {
  return (
    <div className="stack">
      <Operations />
      <Revisions />
    </div>
  );
}
