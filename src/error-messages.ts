/** Messages for cases that the default message of a code in `errorCatalog` does not describe well enough. */
export const errorMessages = {
  /** UNAUTHENTICATED */
  credentialMissing: "This request needs a credential. Send X-API-Key, or Authorization: Bearer.",
  tokenMissing: "This request needs a token of your sign-in. Send it as Authorization: Bearer.",
  /** At most 123 bytes, as the reason of a close frame. */
  socketTokenMissing:
    "This gateway needs a token of your sign-in. Send it in connectionParams, as authorization: Bearer.",
  tokenInvalid: "This token is not accepted. Sign in again.",
  tokenExpired: "The token has expired. Sign in again, then connect again.",
  tokenExpiredWaiting:
    "The token expired while this write waited. Nothing was applied. Sign in again, then send it again.",
  tokenExpiredRepeating:
    "The token expired while the first request with this idempotency key was running. Sign in again, then send it again with the same key.",

  /** FORBIDDEN */
  noRole: "You have no role in any workspace of this gateway.",

  /** BAD_USER_INPUT */
  workspaceInvalid:
    "X-Phala-Workspace: Expected the slug of a workspace, 1 to 64 characters of a-z, 0-9, - and _. Leave the header out for the workspace of the credential.",

  /** RATE_LIMITED */
  tooManyStreams: "Too many streams are open. Close one, or try again after retryAfterMs.",
  tooManyStreamsOfAddress: "Too many streams are open from this address. Try again after retryAfterMs.",
  idempotencyStoreFull:
    "The gateway has no room for another idempotency key of this credential. Nothing was sent. Try again after retryAfterMs, or send no key.",

  /** UPSTREAM_UNAVAILABLE */
  unreachable: "The gateway cannot reach the REST API. Nothing was sent.",
  breakerOpen:
    "The REST API has stopped answering, so the gateway pauses its calls. Nothing was sent. Try again after retryAfterMs.",
  refusedByEdge:
    "A proxy or firewall in front of the REST API refused the request. This says nothing about the credential.",
  connectionLost: "The connection to the REST API was lost before the answer arrived.",
  /** The end of a message that begins with what is wrong with the store. An earlier request may have been sent. */
  idempotencyStoreAdvice:
    "This request sent nothing. Send it again later with the same key. Without the key, a change that an earlier request sent would be sent twice.",
  idempotencyRecordDamaged:
    "The record of this idempotency key is damaged, so its outcome is not known. This request sent nothing. Read the CVM before you send the write with a new key.",
  idempotencyClaimLost:
    "The store of idempotency keys lost this key before the write was sent. This request sent nothing. Send it again with the same key.",

  /** LOCK_UNAVAILABLE. The first is the end of a message that begins with what is wrong with Redis. */
  lockStoreAdvice:
    "This request sent nothing. Send it again after retryAfterMs, with the same expectedVersion and idempotency key.",
  lockPaused:
    "Redis has a new master or has lost data, so another gateway may still write to this CVM. This request sent nothing. Send it again after retryAfterMs.",
  lockLost:
    "The gateway lost the lock of this CVM before the write was sent. This request applied nothing. Send it again after retryAfterMs.",

  /** UPSTREAM_MALFORMED */
  replyTooLarge: "The answer of the REST API is larger than the gateway accepts.",
  allowedKeysUnreadable:
    "The list of allowed environment variables of this CVM cannot be read. Nothing was sent, because an update could lose a variable.",
  composeHashUnreadable:
    "The compose hash of this CVM cannot be read, so expectedVersion cannot be compared. Nothing was sent. Leave expectedVersion out to send the change all the same.",
  replyNotHttp: "The answer of the REST API is not valid HTTP.",

  /** UPSTREAM_REFUSED */
  endpointMissing:
    "The REST API has no endpoint at this address. This says nothing about whether the CVM exists.",
  serverKeyRefused:
    "The REST API does not accept the key that this gateway has for the workspace. Ask the operator of the gateway.",

  /** OUTCOME_UNKNOWN */
  answerLost:
    "This write was sent, but its answer did not arrive. It may have been applied. Read the CVM before you send it again.",
  answerWithoutObject:
    "The answer to this write says success but is not an answer of the REST API. The write may have been applied. Read the CVM before you send it again.",
  keyedOutcomeUnknown:
    "A write was sent with this idempotency key, and its outcome is not known. Read the CVM before you send the write with a new key.",

  /** CANCELLED */
  clientLeft: "The client disconnected before the answer arrived.",
  endedBeforeSending: "The request ended before this call was sent.",
  endedInQueue: "The request ended while it waited for another write to this CVM. Nothing was sent.",

  /** IDEMPOTENCY_KEY_REUSED */
  keyReusedByOtherMutation: "This idempotency key was used before with another mutation.",
  keyReusedFieldDiffers: "Differs from the first request with this key.",
  keyReusedInSecondPhase:
    "The first request applied nothing: it returned OnChainHashRequired. Send the second phase, or another change, with a key of its own.",
  keyReusedReadOperation:
    "The first write may be the same change. Read the operation in extensions.correlationId before you send the write with a new key.",
  keyReusedReadCvm:
    "The first write may be the same change. Read the progress and the operations of the CVM before you send the write with a new key.",

  /** OPERATION_IN_PROGRESS */
  keyInUse: "The first request with this idempotency key is still running. Try again after retryAfterMs.",
} as const;
