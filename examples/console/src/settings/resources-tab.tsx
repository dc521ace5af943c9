import { useKeyed } from "../app/keyed-store.ts";
import { useCvm } from "../cvm/use-cvm.ts";
import { Button, Card } from "../design/components.tsx";
import { formatMemory } from "../design/format.ts";
import { useSession } from "../sign-in/session.tsx";
import { NumberSetting } from "./number-setting.tsx";
import type { Price } from "./price.ts";
import { type PriceChange, usePrice } from "./use-price.ts";

/** Common sizes, as a shortcut. */
const sizes = [
  { vcpu: 1, memoryMb: 2048 },
  { vcpu: 2, memoryMb: 4096 },
  { vcpu: 4, memoryMb: 8192 },
  { vcpu: 8, memoryMb: 16_384 },
] as const;

const bases: Readonly<Record<Price["basis"], string>> = {
  same: "The size does not change.",
  known: "Price of another CVM of this size in your workspace.",
  estimated: "Estimated from the present price. The exact one is shown when the change is applied.",
};

function PriceCard({ before, after }: PriceChange) {
  return (
    <Card title="Price per hour">
      <div className="price">
        <span>
          <span className="muted">Now </span>
          <strong>{before === null ? "unknown" : `$${before}`}</strong>
        </span>
        <span>
          <span className="muted">Then </span>
          <strong>
            {after === null ? "unknown" : `${after.basis === "estimated" ? "about " : ""}$${after.rate}`}
          </strong>
        </span>
      </div>
      <p className="muted small">
        {after === null ? "The API reports the price after the change." : bases[after.basis]} The disk is not
        part of it.
      </p>
    </Card>
  );
}

/** vCPUs, memory and disk of a CVM, with the price before and after. */
export function ResourcesTab() {
  const { cvm, draft } = useCvm();
  const { changes } = useSession();
  const change = useKeyed(changes, cvm.id);
  const { resources } = cvm;
  const settings = draft.draft?.settings ?? {};
  const price = usePrice(cvm, settings);
  const isReadOnly = !cvm.viewerCan.configure || change?.status === "running";
  const next = {
    vcpu: settings.vcpu ?? resources.vcpu,
    memoryMb: settings.memoryMb ?? resources.memoryMb,
  };
  const choose = ({ vcpu, memoryMb }: (typeof sizes)[number]) =>
    draft.patch({
      vcpu: vcpu === resources.vcpu ? undefined : vcpu,
      memoryMb: memoryMb === resources.memoryMb ? undefined : memoryMb,
    });
  return (
    <div className="stack">
      <Card title="Resources">
        {!isReadOnly && (
          <fieldset className="group row">
            <legend className="visually-hidden">Common sizes</legend>
            {sizes.map((size) => (
              <Button
                key={size.vcpu}
                isSmall
                aria-pressed={size.vcpu === next.vcpu && size.memoryMb === next.memoryMb}
                onClick={() => choose(size)}
              >
                {size.vcpu} vCPU · {formatMemory(size.memoryMb)}
              </Button>
            ))}
          </fieldset>
        )}
        <div className="form-grid">
          <NumberSetting
            label="vCPUs"
            hint={`Now ${resources.vcpu ?? "unknown"}`}
            present={resources.vcpu ?? null}
            drafted={settings.vcpu}
            min={1}
            isReadOnly={isReadOnly}
            onChange={(vcpu) => draft.patch({ vcpu })}
          />
          <NumberSetting
            label="Memory in MB"
            hint={`Now ${resources.memoryMb == null ? "unknown" : formatMemory(resources.memoryMb)}`}
            present={resources.memoryMb ?? null}
            drafted={settings.memoryMb}
            min={512}
            isReadOnly={isReadOnly}
            onChange={(memoryMb) => draft.patch({ memoryMb })}
          />
          <NumberSetting
            label="Disk in GB"
            hint={`Now ${resources.diskSizeGb ?? "unknown"}. A disk can only grow.`}
            present={resources.diskSizeGb ?? null}
            drafted={settings.diskSizeGb}
            min={resources.diskSizeGb ?? 1}
            isReadOnly={isReadOnly}
            onChange={(diskSizeGb) => draft.patch({ diskSizeGb })}
          />
        </div>
        {!cvm.viewerCan.configure && <p className="muted">Your roles allow you to see the resources.</p>}
      </Card>
      <PriceCard {...price} />
    </div>
  );
}
