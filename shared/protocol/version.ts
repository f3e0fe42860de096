/** Raised when an old client could no longer be understood; the handshake then answers UPGRADE_REQUIRED. */
export const protocolVersion = 1;
