/** An instance type: a size of a CVM. */
export type InstanceType = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vcpu: number;
  readonly memory_mb: number;
  /** US dollars per hour, a decimal string. */
  readonly hourly_rate: string;
  readonly requires_gpu: boolean;
  /** Gigabytes. */
  readonly default_disk_size_gb: number;
  readonly family: "cpu" | "gpu";
};

function createCpuType(
  size: string,
  name: string,
  vcpu: number,
  memoryGb: number,
  rate: string,
): InstanceType {
  return {
    id: `tdx.${size}`,
    name,
    description: `${vcpu} vCPU, ${memoryGb} GB memory`,
    vcpu,
    memory_mb: memoryGb * 1024,
    hourly_rate: rate,
    requires_gpu: false,
    default_disk_size_gb: 20,
    family: "cpu",
  };
}

/** Every instance type, smallest first. */
export const INSTANCE_TYPES: readonly InstanceType[] = [
  createCpuType("small", "Small TDX Instance", 1, 2, "0.058"),
  createCpuType("medium", "Medium TDX Instance", 2, 4, "0.116"),
  createCpuType("large", "Large TDX Instance", 4, 8, "0.232"),
  createCpuType("xlarge", "Extra Large TDX Instance", 8, 16, "0.464"),
  {
    ...createCpuType("gpu", "H200 GPU Instance", 16, 128, "3.800"),
    id: "h200.small",
    requires_gpu: true,
    default_disk_size_gb: 200,
    family: "gpu",
  },
];

/** Find an instance type by its id; undefined if there is none. */
export function findInstanceType(id: string): InstanceType | undefined {
  return INSTANCE_TYPES.find((type) => type.id === id);
}

/** Return the id of the instance type with exactly these resources, or `custom`. Memory in megabytes. */
export function nameInstanceType(vcpu: number, memoryMb: number): string {
  return INSTANCE_TYPES.find((type) => type.vcpu === vcpu && type.memory_mb === memoryMb)?.id ?? "custom";
}

/** Return the price per hour as a decimal string. Custom sizes are priced by vCPU and memory. */
export function priceHour(vcpu: number, memoryMb: number): string {
  const type = INSTANCE_TYPES.find((known) => known.vcpu === vcpu && known.memory_mb === memoryMb);
  return type?.hourly_rate ?? (vcpu * 0.038 + (memoryMb / 1024) * 0.01).toFixed(3);
}
