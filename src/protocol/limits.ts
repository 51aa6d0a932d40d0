/** Every limit of the service, named once. Times carry their unit; sizes are in bytes unless they say otherwise. */
export const limits = {
  /** Largest absolute value of any quantity, in units. */
  quantityMax: 1_000_000_000,
  /** Longest SKU or location name, in Unicode characters. */
  nameCharactersMax: 128,
  /** Longest free text (title, note, reference), in UTF-16 units. */
  textLengthMax: 500,
  idempotencyKeyLengthMax: 255,
  /** Longest id of a reservation, and of an order or line that is called after one. */
  knownIdLengthMax: 1_000,
  bodyBytesMax: 1024 * 1024,
  /** How deep a JSON body may be nested, and how many fields an object in it may have. */
  bodyDepthMax: 32,
  bodyFieldsMax: 1_000,
  availabilitySkusMax: 200,
  /** SKUs that one socket may watch, and one stream of server-sent events. */
  liveSkusMax: 1_000,
  liveStreamSkusMax: 200,
  /** Longest message of a client, in UTF-16 units: a subscription to as many SKUs, with positions. */
  liveMessageLengthMax: 512 * 1024,
  /** Messages a socket may send, sustained, and at once after a rest. */
  liveMessagesPerSecond: 50,
  liveMessagesBurst: 200,
  /** Sockets that one object (a SKU, or a feed) takes, and those of them with the same key, or tickets made with it. */
  liveSocketsPerObjectMax: 10_000,
  liveSocketsPerSecretKeyMax: 2_000,
  ticketTtlSecondsMax: 300,
  /** For how long a secret of a channel that was replaced may still be good. */
  secretOverlapSecondsMax: 30 * 86_400,
  /** SKUs in one question of an agent, and the oldest answer it may ask for. */
  agentSkusMax: 50,
  agentMaxAgeSecondsMax: 300,
  /** Resources that one subscription of an agent may name, and how long it may be open before it must be renewed. */
  agentSubscriptionsMax: 200,
  agentSubscriptionMs: 3_600_000,
  orderLinesMax: 1_000,
  reservationLinesMax: 50,
  /** Mutations in one bulk request, and calls to SKUs that one has under way at a time. */
  bulkItemsMax: 1_000,
  bulkCallsMax: 16,
  pageItemsMax: 500,
  pageItemsDefault: 50,
  reservationTtlSecondsMax: 86_400,
  /** A reservation of several SKUs is known at least this long after it ended. */
  reservationRetentionMs: 90 * 86_400_000,
  /** What a channel was answered about an order is known at least this long. */
  approvalRetentionMs: 30 * 86_400_000,
  /** Idempotency keys of operations that one such reservation remembers; the oldest are forgotten first. */
  keysPerReservationMax: 1_000,
  /** Active reservations one SKU may hold at once. */
  reservationsPerSkuMax: 20_000,
  /** Objects that may sell one SKU. */
  shardsPerSkuMax: 16,
  locationsPerSkuMax: 200,
  allocationsPerSkuMax: 50,
  componentsPerKitMax: 50,
  /** How long a consumer of the whole ledger may be away and still go on where it was. */
  tailRetentionMs: 7 * 86_400_000,
  /** An idempotency record is kept at least this long after its answer. */
  idempotencyRetentionMs: 7 * 86_400_000,
  /** How long the shards of a SKU are asked for keys after they were switched off: an hour more than those are kept. */
  shardKeysRetentionMs: 7 * 86_400_000 + 3_600_000,
} as const;
