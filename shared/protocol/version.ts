/**
 * Raised when an old client could no longer be understood; the handshake then answers UPGRADE_REQUIRED. Up to release 0.1.0 the
 * protocol is still being made: it stays 1, and pages are loaded again with the server.
 */
export const protocolVersion = 1;
