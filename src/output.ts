import { constants, fstatSync, openSync, writeSync, write as writeWithCallback } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const write = promisify(writeWithCallback);

/** File descriptor of the standard output. */
const STDOUT = 1;

/** Opens a pipe, a terminal or a device so that no write waits for its reader. */
const FLAGS = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Wait before the next attempt while a pipe is full, in milliseconds. */
const FULL_PIPE_MS = 50;

/** The longest time that the end of the process waits for a full pipe, in milliseconds. */
const EXIT_WAIT_MS = 1_000;

/** Lines that wait for a reader that is slow. Later ones are dropped. */
const MAX_WAITING_CHARACTERS = 4 * 1024 * 1024;

/** The most that is written together, so that an audit line does not wait for megabytes of log lines. */
const MAX_CHUNK_CHARACTERS = 128 * 1024;

/** A text that is written, or waits for its turn. */
type Job = {
  readonly text: string;
  /** What is not written yet. Null before its turn. */
  left: Buffer | null;
  readonly settle: PromiseWithResolvers<void>;
};

/** The first one is being written. A line of one writer is never cut by a line of another. */
const jobs: Job[] = [];

/** Whether the system has a part of the first job now, so that nobody else may write it. */
let isInSystem = false;

/** Whether the output ends in the middle of a line, because the rest of it could not be written. */
let isTorn = false;

let descriptor: number | null = null;

/**
 * Open the standard output so that no write waits for a reader. One that has stopped would otherwise hold a thread of the
 * process, and its end. Other processes that share a pipe or a terminal keep their side as it is.
 */
function openDescriptor(): number {
  try {
    return fstatSync(STDOUT).isFile() ? STDOUT : openSync("/proc/self/fd/1", FLAGS);
  } catch {
    // A socket cannot be opened again, nor a pipe of another user. With its own stream for it, Node.js changes the
    // descriptor to the same effect, and changes it back at the end. The stream writes nothing.
    process.stdout.on("error", () => undefined);
    return STDOUT;
  }
}

function getDescriptor(): number {
  descriptor ??= openDescriptor();
  return descriptor;
}

function isFullPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}

/** Begin a job, or continue with it. After a line that was cut, it begins on a new line. */
function takeRest(job: Job): Buffer {
  job.left ??= Buffer.from(isTorn ? `\n${job.text}` : job.text);
  return job.left;
}

/** Note how much of a job was written. */
function advance(job: Job, rest: Buffer, bytes: number): void {
  job.left = rest.subarray(bytes);
  if (bytes > 0) isTorn = job.left.length > 0;
}

async function writeJob(job: Job): Promise<void> {
  for (let rest = takeRest(job); rest.length > 0; rest = takeRest(job)) {
    try {
      isInSystem = true;
      const { bytesWritten } = await write(getDescriptor(), rest).finally(() => {
        isInSystem = false;
      });
      advance(job, rest, bytesWritten);
    } catch (error) {
      if (!isFullPipe(error)) throw error;
      // A reader that has stopped must not keep the process alive.
      await sleep(FULL_PIPE_MS, null, { ref: false });
    }
  }
}

async function runJobs(): Promise<void> {
  for (let [job] = jobs; job !== undefined; [job] = jobs) {
    await writeJob(job).then(job.settle.resolve, job.settle.reject);
    jobs.shift();
  }
}

/**
 * Write to the standard output, after everything that was written before. `process.stdout` is not used: after one
 * failure on a file, it never writes again. While a pipe is full, the write waits for its reader.
 *
 * @throws the error of the system if some of it is not written
 */
export function writeOutput(text: string): Promise<void> {
  const settle = Promise.withResolvers<void>();
  if (jobs.push({ text, left: null, settle }) === 1) void runJobs();
  return settle.promise;
}

/** Write a job before this function returns. @returns whether all of it was written before `until` */
function writeJobSync(job: Job, until: number): boolean {
  for (let rest = takeRest(job); rest.length > 0; rest = takeRest(job)) {
    try {
      advance(job, rest, writeSync(getDescriptor(), rest));
    } catch (error) {
      if (!isFullPipe(error) || Date.now() >= until) return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    }
  }
  return true;
}

/** Write at the end of the process, when nothing can be awaited. Gives up when that fails or takes long. */
function writeOutputSync(text: string): void {
  const until = Date.now() + EXIT_WAIT_MS;
  // Nobody knows how much of this job the system has written.
  const waiting = isInSystem ? jobs.slice(1) : [...jobs];
  isTorn ||= isInSystem;
  const last = { text, left: null, settle: Promise.withResolvers<void>() };
  [...waiting, last].every((job) => writeJobSync(job, until));
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
  let isWriting = false;

  /** Take whole lines. A line alone can be longer than a chunk. */
  function take(): string {
    const isLong = waiting.length > MAX_CHUNK_CHARACTERS;
    const end = isLong ? waiting.lastIndexOf("\n", MAX_CHUNK_CHARACTERS) + 1 : 0;
    const text = end > 0 ? waiting.slice(0, end) : waiting;
    waiting = end > 0 ? waiting.slice(end) : "";
    return text;
  }

  async function flush(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    while (waiting !== "") await writeOutput(take()).catch(() => undefined);
    isWriting = false;
  }

  return {
    write(line) {
      if (waiting.length + line.length > MAX_WAITING_CHARACTERS) return;
      waiting += line;
      if (waiting.length >= minCharacters) void flush();
    },
    flush,
    flushSync() {
      const text = waiting;
      waiting = "";
      writeOutputSync(text);
    },
  };
}
