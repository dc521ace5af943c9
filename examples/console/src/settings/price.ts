/** Size of a CVM, as far as it decides the price of its compute resources. */
export type Size = {
  readonly vcpu?: number | null | undefined;
  readonly memoryMb?: number | null | undefined;
  readonly gpuCount?: number | null | undefined;
};

/** Size with its price per hour, a decimal text. */
export type PricedSize = Size & { readonly hourlyRate?: string | null | undefined };

/** Price of a size that the CVM does not have yet. */
export type Price = {
  readonly rate: string;
  /** `same`: the CVM has this size. `known`: another CVM of the workspace has it. `estimated`: computed. */
  readonly basis: "same" | "known" | "estimated";
};

function isSameSize(one: Size, other: Size): boolean {
  return (
    one.vcpu === other.vcpu &&
    one.memoryMb === other.memoryMb &&
    (one.gpuCount ?? 0) === (other.gpuCount ?? 0)
  );
}

/** Scale the present price: half of it by vCPUs, half of it by memory. */
function estimate(present: PricedSize, next: Size): string | null {
  const { vcpu, memoryMb, hourlyRate } = present;
  if (!vcpu || !memoryMb || !next.vcpu || !next.memoryMb || hourlyRate == null) return null;
  const rate = Number(hourlyRate);
  if (!Number.isFinite(rate)) return null;
  return (rate * ((next.vcpu / vcpu + next.memoryMb / memoryMb) / 2)).toFixed(3);
}

/**
 * Find the price of a size. The API tells the price of a CVM only, not of a size, so the price of another CVM of this
 * size counts, and an estimate where there is none.
 *
 * @returns null if it cannot even be estimated
 */
export function findPrice(present: PricedSize, next: Size, others: readonly PricedSize[]): Price | null {
  const size = { vcpu: next.vcpu, memoryMb: next.memoryMb, gpuCount: present.gpuCount };
  if (isSameSize(present, size)) {
    return present.hourlyRate == null ? null : { rate: present.hourlyRate, basis: "same" };
  }
  const other = others.find((one) => isSameSize(one, size) && one.hourlyRate != null);
  if (other?.hourlyRate != null) return { rate: other.hourlyRate, basis: "known" };
  const rate = estimate(present, size);
  return rate === null ? null : { rate, basis: "estimated" };
}
