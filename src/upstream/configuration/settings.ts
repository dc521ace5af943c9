/** What a setting holds, which decides how a dry run shows it: secrets never, texts by size and digest. */
type Kind = "text" | "keys" | "value" | "secret";

type Setting = {
  /** Name in the REST API: in the unified patch, in the app-compose and in error details. */
  readonly wire: string;
  /** Whether it is part of the app-compose, which the compose hash measures. */
  readonly measured: boolean;
  readonly kind: Kind;
};

/**
 * Every setting of a CVM by its GraphQL name. The patch, the overlay of the two-step update, the predicted
 * compose hash, the changes of a dry run and the field names in errors all come from this table.
 */
export const cvmSettings = {
  dockerComposeFile: { wire: "docker_compose_file", measured: true, kind: "text" },
  preLaunchScript: { wire: "pre_launch_script", measured: true, kind: "text" },
  name: { wire: "name", measured: true, kind: "value" },
  allowedEnvs: { wire: "allowed_envs", measured: true, kind: "keys" },
  features: { wire: "features", measured: true, kind: "keys" },
  publicLogs: { wire: "public_logs", measured: true, kind: "value" },
  publicSysinfo: { wire: "public_sysinfo", measured: true, kind: "value" },
  publicTcbinfo: { wire: "public_tcbinfo", measured: true, kind: "value" },
  kmsEnabled: { wire: "kms_enabled", measured: true, kind: "value" },
  gatewayEnabled: { wire: "gateway_enabled", measured: true, kind: "value" },
  storageFs: { wire: "storage_fs", measured: true, kind: "value" },
  env: { wire: "encrypted_env", measured: false, kind: "secret" },
  instanceType: { wire: "instance_type", measured: false, kind: "value" },
  vcpu: { wire: "vcpu", measured: false, kind: "value" },
  memoryMb: { wire: "memory", measured: false, kind: "value" },
  diskSizeGb: { wire: "disk_size", measured: false, kind: "value" },
  image: { wire: "image", measured: false, kind: "value" },
  userConfig: { wire: "user_config", measured: false, kind: "secret" },
  shutdownTimeoutSeconds: { wire: "shutdown_timeout", measured: false, kind: "value" },
  allowForceStop: { wire: "allow_force_stop", measured: false, kind: "value" },
  allowRestart: { wire: "allow_restart", measured: false, kind: "value" },
} as const satisfies Readonly<Record<string, Setting>>;

/** The GraphQL name of a setting. */
export type SettingName = keyof typeof cvmSettings;

/** Settings to change, by GraphQL name. A setting that is left out stays as it is. */
export type SettingChanges = { readonly [Name in SettingName]?: unknown };

/** Settings by wire name, as the REST API expects them. */
export type WireSettings = Readonly<Record<string, unknown>>;

/** GraphQL names of all settings, in the order of the table. */
export const settingNames: readonly SettingName[] = Object.keys(cvmSettings).filter(
  (name): name is SettingName => name in cvmSettings,
);

/** GraphQL names of the settings that the compose hash measures. */
export const measuredSettingNames = settingNames.filter((name) => cvmSettings[name].measured);

/** Settings that say how a change is applied. By themselves they change nothing. */
export const transientSettingNames: ReadonlySet<SettingName> = new Set([
  "shutdownTimeoutSeconds",
  "allowForceStop",
  "allowRestart",
]);

/** GraphQL names by wire name. */
export const settingNamesByWire: Readonly<Record<string, SettingName>> = Object.fromEntries(
  settingNames.map((name) => [cvmSettings[name].wire, name]),
);

/** Return the given settings under their wire names. */
export function toWireSettings(changes: SettingChanges): WireSettings {
  return Object.fromEntries(
    settingNames.flatMap((name) =>
      changes[name] === undefined ? [] : [[cvmSettings[name].wire, changes[name]]],
    ),
  );
}

/** Return the given settings that the compose hash measures, under their wire names. */
export function toMeasuredSettings(changes: SettingChanges): WireSettings {
  return toWireSettings(Object.fromEntries(measuredSettingNames.map((name) => [name, changes[name]])));
}
