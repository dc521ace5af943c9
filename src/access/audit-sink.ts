import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** Write complete lines. Rejects if they may not have been written. */
export type AuditSink = (lines: string) => Promise<void>;

/** Never wait for a reader of a pipe, and create a file that only its owner reads. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const MODE = 0o600;

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, FLAGS, MODE);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** Whether the last line of a file has no end, because an earlier process could not write all of it. */
async function isTorn(path: string): Promise<boolean> {
  const { size } = await stat(path);
  if (size === 0) return false;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString() !== "\n";
  } finally {
    await file.close();
  }
}

/** Write to a file. It is opened for every write, so that it can be moved away and replaced at any time. */
export function createFileSink(path: string): AuditSink {
  let mayBeTorn: boolean | null = null;
  return (lines) =>
    withFile(path, async (file) => {
      // A file that may not be read is taken as it is.
      mayBeTorn ??= await isTorn(path).catch(() => false);
      // After a failure, the last line may have no end.
      const start = mayBeTorn && lines !== "" ? "\n" : "";
      const before = mayBeTorn;
      mayBeTorn = true;
      await file.writeFile(start + lines);
      mayBeTorn = lines === "" && before;
    });
}
