/** Times of the connection to Redis, in milliseconds. */
export const redisTimes = {
  /** Time limit of one command and of one attempt to connect, so that no request hangs on Redis. */
  command: 2_000,
  /** Time without an answer after which a connection is closed. The server can vanish without closing it. */
  silence: 4_000,
  /** Longest pause between two attempts to connect. */
  maxReconnectDelay: 2_000,
  /** Interval at which the client of a cluster asks who has which keys. */
  slotsRefresh: 10_000,
} as const;

/** Times of the lock of a CVM in Redis, in milliseconds. */
export const lockTimes = {
  /** Without a renewal for this time, the lock is free. */
  lease: 10_000,
  /** Interval of the renewals while a write is checked and sent. */
  renewal: 3_000,
  /** What must be left of the lease when a write is sent: the time that its connection may take. */
  margin: 5_000,
  /** Interval at which a gateway looks for a change of the master. Shorter than the lease. */
  observation: 5_000,
  /** First and longest pause between two attempts to get a lock that another gateway holds. */
  firstPoll: 20,
  maxPoll: 250,
} as const;

/** Times of a key in Redis whose write still runs, in milliseconds. */
export const claimTimes = {
  /** Interval of the heartbeats that keep the claim. */
  heartbeat: 5_000,
  /** Without a heartbeat for this time, the process of the write has ended. */
  lease: 15_000,
} as const;

/**
 * Settled outcomes that a process keeps besides Redis, in milliseconds and number, to store them again if Redis loses
 * them. The time is longer than a failover.
 */
export const settledLimits = { ttl: 5 * 60_000, max: 5_000 } as const;
