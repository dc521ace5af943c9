import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

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

/** Write to a file. It is opened for every write, so that it can be moved away and replaced at any time. */
export function createFileSink(path: string): AuditSink {
  let mayBeTorn = false;
  return (lines) =>
    withFile(path, async (file) => {
      // After a failure, the last line may have no end.
      const start = mayBeTorn ? "\n" : "";
      mayBeTorn = lines !== "";
      await file.writeFile(start + lines);
      mayBeTorn = false;
    });
}

/** Write to standard output. */
export const writeToStdout: AuditSink = (lines) =>
  new Promise((resolve, reject) => {
    process.stdout.write(lines, (error) => (error ? reject(error) : resolve()));
  });
