/** A stream that is open to a client. */
type OpenStream = {
  /** Send a heartbeat. */
  beat(): void;
  /** End the stream so that its client connects again, to another process. */
  leave(): void;
};

/** The streams that this process has open to clients. */
export type OpenStreams = {
  /** Add a stream. @returns a function that removes it. */
  add(stream: OpenStream): () => void;
  /** End all streams, and every stream that is added later. */
  close(): void;
};

/**
 * Create the list of open streams. Each sends a heartbeat every `heartbeatMs` milliseconds. All streams share
 * one timer, which runs only while a stream is open.
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
