/** A stream that is open to a client. */
type OpenStream = {
  /** Sends a sign of life. */
  beat(): void;
  /** Ends the stream in a way that makes its client come back, to another process. */
  leave(): void;
};

/** All streams of a process that are open to clients. */
export type OpenStreams = {
  /** Adds a stream. @returns what takes it out again. */
  add(stream: OpenStream): () => void;
  /** Ends all streams, and those that come later at once. */
  close(): void;
};

/**
 * Keeps the open streams and lets each send a sign of life every `heartbeatMs` milliseconds. One timer serves
 * them all, and there is none while no stream is open.
 */
export function createOpenStreams(heartbeatMs: number): OpenStreams {
  const streams = new Set<OpenStream>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const beat = () => {
    for (const stream of streams) stream.beat();
  };
  return {
    add(stream) {
      if (closed) {
        stream.leave();
        return () => undefined;
      }
      streams.add(stream);
      timer ??= setInterval(beat, heartbeatMs);
      return () => {
        streams.delete(stream);
        if (streams.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    close() {
      closed = true;
      for (const stream of [...streams]) stream.leave();
    },
  };
}
