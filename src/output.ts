import { writeSync, write as writeWithCallback } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const write = promisify(writeWithCallback);

/** File descriptor of the standard output. */
const STDOUT = 1;

/** Wait before the next attempt while a pipe is full, in milliseconds. */
const FULL_PIPE_MS = 50;

/** The longest time that the end of the process waits for a full pipe, in milliseconds. */
const EXIT_WAIT_MS = 1_000;

/** Lines that wait for a reader that is slow. Later ones are dropped. */
const MAX_WAITING_CHARACTERS = 4 * 1024 * 1024;

function isFullPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}

/**
 * Write to the standard output. `process.stdout` is not used: after one failure on a file, it never writes again.
 *
 * @throws the error of the system if some of it is not written
 */
export async function writeOutput(text: string): Promise<void> {
  let left = Buffer.from(text);
  while (left.length > 0) {
    try {
      const { bytesWritten } = await write(STDOUT, left);
      left = left.subarray(bytesWritten);
    } catch (error) {
      if (!isFullPipe(error)) throw error;
      // A reader that has stopped must not keep the process alive.
      await sleep(FULL_PIPE_MS, null, { ref: false });
    }
  }
}

/** Write at the end of the process, when nothing can be awaited. Gives up when that fails or takes long. */
function writeOutputSync(text: string): void {
  const until = Date.now() + EXIT_WAIT_MS;
  let left = Buffer.from(text);
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(STDOUT, left));
    } catch (error) {
      if (!isFullPipe(error) || Date.now() >= until) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    }
  }
}

/** Writes lines together. */
export type LineOutput = {
  /** Keep a line, and write it with others. */
  write(line: string): void;
  /** Write all lines that wait. */
  flush(): Promise<void>;
  /** The same, before it returns. */
  flushSync(): void;
};

/**
 * Open the standard output for lines that may be lost, but that must neither stop the process nor delay it. Lines that
 * cannot be written are dropped, and later ones are written as soon as that is possible.
 *
 * @param minCharacters - written together, unless `flush` is called
 */
export function openLineOutput(minCharacters: number): LineOutput {
  let waiting = "";
  let isTorn = false;
  let isWriting = false;

  function take(): string {
    const text = isTorn && waiting !== "" ? `\n${waiting}` : waiting;
    waiting = "";
    return text;
  }

  async function flush(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    while (waiting !== "") {
      try {
        await writeOutput(take());
        isTorn = false;
      } catch {
        isTorn = true;
      }
    }
    isWriting = false;
  }

  return {
    write(line) {
      if (waiting.length + line.length > MAX_WAITING_CHARACTERS) return;
      waiting += line;
      if (waiting.length >= minCharacters) void flush();
    },
    flush,
    flushSync: () => writeOutputSync(take()),
  };
}
