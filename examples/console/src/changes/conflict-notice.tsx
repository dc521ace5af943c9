import { Button, Notice } from "../design/components.tsx";
import type { CvmDetailsFragment } from "../gql/graphql.ts";
import { listForeignChanges } from "./conflict.ts";

type Props = {
  readonly base: CvmDetailsFragment;
  readonly present: CvmDetailsFragment;
  readonly onKeep: () => void;
  readonly onDiscard: () => void;
};

/** Somebody has changed the CVM since the draft began. The person decides what counts. */
export function ConflictNotice({ base, present, onKeep, onDiscard }: Props) {
  const changes = listForeignChanges(base, present);
  return (
    <Notice
      tone="warning"
      title="Somebody else has changed this CVM since you began"
      isLive
      actions={
        <>
          <Button look="primary" onClick={onKeep}>
            Keep my change, on the new version
          </Button>
          <Button onClick={onDiscard}>Discard my change</Button>
        </>
      }
    >
      {changes.length === 0 ? (
        <p>The compose file, the script or the names of the variables are different now.</p>
      ) : (
        <ul>
          {changes.map(({ label, before, after }) => (
            <li key={label}>
              {label}: {before} → <strong>{after}</strong>
            </li>
          ))}
        </ul>
      )}
      <p>
        The review below compares your change with the new version. What it removes may be the work of
        somebody else.
      </p>
    </Notice>
  );
}
