/**
 * Limits that clients may rely on. Each says its unit; docs/protocol.md says those that a client meets first. They stand apart from
 * the schemas, so that a page that shows one needs no library for the others.
 */
export const limits = {
  /** Characters of a display name, after trimming. */
  displayNameLengthMax: 40,
  emailLengthMax: 254,
  /** Characters of a password. The upper bound keeps argon2's input small. */
  passwordLengthMin: 10,
  passwordLengthMax: 200,
  /** Bytes of one socket message or JSON body. Imports and WHIP offers have limits of their own. */
  messageBytesMax: 64 * 1024,
  roomTitleLengthMax: 120,
  urlLengthMax: 2_048,
  /** Products on the list of one room. */
  roomProductsMax: 100,
  searchLengthMax: 100,
  /** UTF-16 units of a chat message. */
  chatTextLengthMax: 500,
  chatMentionsMax: 10,
  slowSecondsMax: 120,
  /** A year. */
  chatFollowMinutesMax: 525_600,
  bannedWordLengthMax: 50,
  bannedWordsPerCallMax: 200,
  /** A year; longer means until lifted. */
  sanctionSecondsMax: 31_536_000,
  likesPerTallyMax: 1_000_000,
  /** Points of one answer about a show: half a day of them. */
  numbersPointsMax: 4_500,
  numbersMarksMax: 500,
  /** Winners named with a giveaway; its proof document has all. */
  shownWinnersMax: 100,
  /** Rows of one page of a listing. */
  pageRowsMax: 100,
  /** Addresses one shop may be told of its orders at. */
  webhooksPerShopMax: 5,
  /** Characters of an idempotency key chosen by a client. */
  requestKeyLengthMax: 64,
} as const;

/** Limits of offers, carts and purchases. */
export const offerLimits = {
  /** Items in the cart of one room. */
  offersPerRoomMax: 200,
  /**
   * Share of the free stock that goes into the cart where nobody says how much. The rest stays free for flash sales, which take units
   * of their own.
   */
  cartShare: 0.7,
  /** Offers pinned at once in one room. */
  pinsMax: 3,
  /** Lines of one checkout, and of one person's cart in a room. */
  linesMax: 20,
  /** Units of one line, and the highest limit per buyer. */
  unitsPerBuyerMax: 999,
  /** Units one offer may have to sell. */
  allotmentUnitsMax: 1_000_000,
  /** People waiting for one offer. */
  waitersMax: 10_000,
  countdownSecondsMin: 10,
  countdownSecondsMax: 300,
  durationSecondsMin: 10,
  durationSecondsMax: 86_400,
  /** How far ahead a flash sale may be scheduled. */
  scheduleAheadMsMax: 30 * 24 * 3_600_000,
  priceMinorMax: 1_000_000_000,
  fanLevelMax: 20,
  earlySecondsMin: 5,
  earlySecondsMax: 3_600,
} as const;

/** Limits of orders. Characters, unless the name says otherwise. */
export const orderLimits = {
  shippingRatesMax: 20,
  reasonLengthMax: 500,
  carrierLengthMax: 60,
  trackingNumberLengthMax: 100,
} as const;

/** Limits of the catalog. Characters, unless the name says otherwise. */
export const catalogLimits = {
  shopNameLengthMax: 80,
  termsLengthMax: 10_000,
  titleLengthMax: 255,
  descriptionLengthMax: 20_000,
  variantsMax: 100,
  imagesMax: 20,
  tagsMax: 50,
  /** Units one SKU may have in stock. */
  unitsMax: 1_000_000,
  /** Ten tonnes. */
  weightGramsMax: 10_000_000,
  /** Ten million in a currency with cents; keeps every total of an order inside the safe integers. */
  priceMinorMax: 1_000_000_000,
  importBytesMax: 8 * 1024 * 1024,
  importRowsMax: 20_000,
  importColumnsMax: 500,
} as const;
