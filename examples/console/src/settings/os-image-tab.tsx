import { useQuery } from "@apollo/client/react";
import { ErrorNotice } from "../app/error-notice.tsx";
import { useKeyed } from "../app/keyed-store.ts";
import { useCvm } from "../cvm/use-cvm.ts";
import { Button, Card, Choice, Loading } from "../design/components.tsx";
import { type OsImageFragment, ReadOsImagesDocument } from "../gql/graphql.ts";
import { useSession } from "../sign-in/session.tsx";

type Build = OsImageFragment & { readonly version: string; readonly isDev: boolean };

/** Name by which the API knows a build. */
const nameOf = ({ slug, name }: OsImageFragment) => slug ?? name;

function describeBuild({ isDev, isCurrent, enabled, requiresGpu }: Build): string {
  return [
    isDev ? "Development build: the operator can log in to the CVM" : "Production build",
    isCurrent && "the CVM boots from it now",
    requiresGpu === true && "needs a GPU",
    !enabled && "not available for this CVM",
  ]
    .filter(Boolean)
    .join(", ");
}

/** OS images that a CVM can change to. */
export function OsImageTab() {
  const { cvm, draft } = useCvm();
  const { changes } = useSession();
  const change = useKeyed(changes, cvm.id);
  const { data, error, loading, refetch } = useQuery(ReadOsImagesDocument, {
    variables: { id: cvm.id },
    fetchPolicy: "cache-and-network",
  });
  const images = data?.cvm?.availableOsImages ?? null;
  if (images === null) {
    if (loading) return <Loading lines={6} label="Reading the OS images" />;
    return (
      <ErrorNotice
        title="The OS images cannot be read"
        error={error ?? new Error("The gateway returned no OS images.")}
        actions={<Button onClick={() => void refetch()}>Try again</Button>}
      />
    );
  }
  const builds: Build[] = images.flatMap(({ version, prod, dev }) => [
    ...(prod ? [{ ...prod, version, isDev: false }] : []),
    ...(dev ? [{ ...dev, version, isDev: true }] : []),
  ]);
  const current = builds.find(({ isCurrent }) => isCurrent);
  const chosen = draft.draft?.settings.image ?? (current === undefined ? null : nameOf(current));
  const isReadOnly = !cvm.viewerCan.configure || change?.status === "running";
  return (
    <Card title="OS image">
      <p className="muted">
        The CVM restarts from another image and keeps its disk. The image is measured at boot, so those who
        verify the CVM see another measurement.
      </p>
      {builds.length === 0 && <p className="empty">There is no other image for this CVM.</p>}
      <fieldset className="group stack stack-small" disabled={isReadOnly}>
        <legend className="visually-hidden">OS image</legend>
        {builds.map((build) => (
          <Choice
            key={nameOf(build)}
            isCard
            label={<strong>{build.name}</strong>}
            hint={describeBuild(build)}
            input={{
              type: "radio",
              name: "os-image",
              checked: chosen === nameOf(build),
              disabled: !build.enabled && !build.isCurrent,
              onChange: () => draft.patch({ image: build.isCurrent ? undefined : nameOf(build) }),
            }}
          />
        ))}
      </fieldset>
    </Card>
  );
}
