/** Limits that clients may rely on. Each says its unit; docs/protocol.md says those that a client meets first. */
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
