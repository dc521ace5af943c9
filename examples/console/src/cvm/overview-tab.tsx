import { useQuery } from "@apollo/client/react";
import { Badge, Card, Facts, Notice } from "../design/components.tsx";
import { formatDateTime, formatMemory, formatName } from "../design/format.ts";
import { type CvmDetailsFragment, ReadOnChainDocument } from "../gql/graphql.ts";
import { PowerButtons } from "./power-buttons.tsx";
import { useCvm } from "./use-cvm.ts";

function ExternalLink({ url }: { readonly url: string }) {
  return (
    <a href={url} target="_blank" rel="noreferrer noopener">
      {url}
    </a>
  );
}

function Endpoints({ endpoints }: Pick<CvmDetailsFragment, "endpoints">) {
  const urls = endpoints.flatMap(({ app, instance }) => [app, instance].filter((url) => url !== null));
  if (urls.length === 0) return <p className="muted">The CVM has no public URL.</p>;
  return (
    <ul className="stack stack-small">
      {[...new Set(urls)].map((url) => (
        <li key={url}>{url !== undefined && <ExternalLink url={url} />}</li>
      ))}
    </ul>
  );
}

/** Words for a flag of the contract. Null means unknown, never "no". */
function describeFlag(flag: boolean | null | undefined): string {
  if (flag === null || flag === undefined) return "unknown";
  return flag ? "yes" : "no";
}

function OnChainCard({ id }: { readonly id: string }) {
  const { data } = useQuery(ReadOnChainDocument, { variables: { id } });
  const onChain = data?.cvm?.onChain ?? null;
  return (
    <Card title="App contract">
      <p className="muted">
        The keys of this CVM are guarded by a smart contract. Changes of the compose file, the script, the
        names of variables and the visibility need a transaction of its owner.
      </p>
      <Facts
        items={[
          ["Chain", onChain?.chainId ?? null],
          [
            "Address",
            onChain?.appContractAddress ? <code key="to">{onChain.appContractAddress}</code> : null,
          ],
          ["Owner", onChain?.owner ? <code key="owner">{onChain.owner}</code> : null],
          ["Allows this configuration", describeFlag(onChain?.composeHashAllowed)],
          ["Allows this device", describeFlag(onChain?.deviceAllowed)],
        ]}
      />
    </Card>
  );
}

function VisibilityBadges({ visibility }: Pick<CvmDetailsFragment, "visibility">) {
  const names = [
    visibility.publicLogs && "logs",
    visibility.publicSysinfo && "statistics",
    visibility.publicTcbinfo && "measurements",
  ].filter((name) => name !== false);
  if (names.length === 0) return "nothing";
  return (
    <span className="row">
      {names.map((name) => (
        <Badge key={name} isPlain>
          {name}
        </Badge>
      ))}
    </span>
  );
}

/** What a CVM is, and what it is doing now. */
export function OverviewTab() {
  const { cvm, live } = useCvm();
  const { resources, os, kms, node } = cvm;
  const bootError = live?.bootError ?? null;
  return (
    <div className="stack">
      {bootError !== null && bootError !== "" && (
        <Notice tone="danger" title="The last boot failed">
          <p>{bootError}</p>
        </Notice>
      )}
      <div className="columns">
        <Card title="State" actions={<PowerButtons />}>
          <Facts
            items={[
              ["Status", formatName(cvm.rawStatus)],
              ["Uptime", live?.uptime ?? null],
              ["Boot step", live?.bootProgress ?? null],
              ["Created", formatDateTime(cvm.createdAt)],
              ["Public", <VisibilityBadges key="public" visibility={cvm.visibility} />],
            ]}
          />
        </Card>
        <Card title="Machine">
          <Facts
            items={[
              ["Size", resources.instanceType ?? null],
              ["vCPUs", resources.vcpu ?? null],
              ["Memory", resources.memoryMb == null ? null : formatMemory(resources.memoryMb)],
              ["Disk", resources.diskSizeGb == null ? null : `${resources.diskSizeGb} GB`],
              ["GPUs", resources.gpuCount === 0 ? null : (resources.gpuCount ?? null)],
              ["Price", resources.hourlyRate == null ? null : `$${resources.hourlyRate} per hour`],
              [
                "OS image",
                os === null ? null : `${os?.name ?? "unknown"}${os?.isDev ? " (development)" : ""}`,
              ],
              ["Node", [node?.name, node?.region].filter(Boolean).join(", ") || null],
            ]}
          />
        </Card>
        <Card title="Public URLs">
          <Endpoints endpoints={cvm.endpoints} />
        </Card>
        {kms.requiresOnChainHash && <OnChainCard id={cvm.id} />}
        <Card title="Identity">
          <Facts
            items={[
              ["CVM", <code key="id">{cvm.id}</code>],
              ["App", cvm.appId === null ? null : <code key="app">{cvm.appId}</code>],
              ["Instance", cvm.vmUuid === null ? null : <code key="vm">{cvm.vmUuid}</code>],
              ["Version", <code key="version">{cvm.configVersion}</code>],
              ["Key service", kms.type == null ? null : formatName(kms.type)],
            ]}
          />
        </Card>
      </div>
    </div>
  );
}
