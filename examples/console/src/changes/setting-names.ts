/** Names of the input fields of a change, for people. */
export const settingNames: Readonly<Record<string, string>> = {
  dockerComposeFile: "Docker Compose file",
  preLaunchScript: "Pre-launch script",
  env: "Environment",
  removeKeys: "Environment",
  allowedEnvs: "Names of variables",
  vcpu: "vCPUs",
  memoryMb: "Memory (MB)",
  diskSizeGb: "Disk (GB)",
  instanceType: "Size",
  publicLogs: "Public logs",
  publicSysinfo: "Public statistics",
  publicTcbinfo: "Public measurements",
  image: "OS image",
};
