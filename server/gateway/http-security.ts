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

/** Whether a page of this origin may use us; `host` is the name it called us by (the header `Host`). */
export type AllowsOrigin = (origin: string, host: string | undefined) => boolean;

/** Lets pages of allowed origins read answers, and those of any origin what WHIP and WHEP say, also where no route answers. */
export function allowOrigins(allowsOrigin: AllowsOrigin): RequestHandler {
  const exposedHeaders = ['Location', 'ETag', 'Link', 'X-Request-Id'];
  const handle = cors(({ headers: { origin, host } }, decide) =>
    decide(null, { origin: !origin || allowsOrigin(origin, host), exposedHeaders }),
  );
  return (request, response, next) =>
    (/^\/wh[ie]p\//i.test(request.path) ? anyOrigin : handle)(request, response, next);
}

/** Any page may play and publish: what counts is the bearer token, which no browser sends by itself. */
const anyOrigin: RequestHandler = (_request, response, next) => {
  response.set({
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'POST, PATCH, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-Match',
    'Access-Control-Expose-Headers': 'Location, ETag, Link, Accept-Patch, Retry-After',
    'Access-Control-Max-Age': '600',
  });
  next();
};
