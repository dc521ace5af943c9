/** Port of the sandbox when the settings name none, so that its URLs are the same after most starts. */
export const DEFAULT_PORT = 4001;
