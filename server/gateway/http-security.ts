import cors from 'cors';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Pictures may come from anywhere (products carry URLs); scripts and connections only from us. Where the public address is
 * https, browsers are told to come by https only.
 */
export function securityHeaders(publicUrl: string | undefined): RequestHandler {
  const https = publicUrl?.startsWith('https:') ?? false;
  return helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:', 'https:', 'http:'],
        mediaSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'", ...(publicUrl ? [new URL(publicUrl).origin.replace(/^http/, 'ws')] : [])],
        styleSrc: ["'self'", "'unsafe-inline'"],
        upgradeInsecureRequests: null,
      },
    },
    crossOriginEmbedderPolicy: false,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    strictTransportSecurity: https,
  });
}

/** Lets pages of allowed origins read answers. WHIP and WHEP are for clients of any origin, and say so themselves. */
export function allowOrigins(allowsOrigin: (origin: string) => boolean): RequestHandler {
  const handle = cors({
    origin: (origin, allow) => allow(null, !origin || allowsOrigin(origin)),
    exposedHeaders: ['Location', 'ETag', 'Link', 'X-Request-Id'],
  });
  return (request, response, next) => (/^\/wh[ie]p\//.test(request.path) ? next() : handle(request, response, next));
}
